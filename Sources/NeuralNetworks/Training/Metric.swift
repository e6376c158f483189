/// What is measured beside the loss, over a whole epoch.
public enum Metric: String, Sendable, CaseIterable {
  /// The share of right answers: above 0.5 for one output, else the largest output, as Keras picks.
  case accuracy
  /// Found positives among all positives, at the threshold 0.5.
  case recall
  /// True positives among all that are above the threshold 0.5.
  case precision
  /// The area under the ROC curve, from 200 thresholds as Keras computes it.
  case auc
}
