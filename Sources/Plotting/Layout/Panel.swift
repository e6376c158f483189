/// What a figure holds.
indirect enum Panel: Sendable {
  case empty
}
