import CapLanguage
import Essentials
import Notebook

/// An output as Jupyter has it: the same in notebook files and in a kernel's messages, but for how texts are written.
public enum JupyterOutput: Sendable {
  /// Printed text: `stdout` or `stderr`.
  case stream(name: String, text: String)
  /// Something shown.
  case display(MIMEBundle)
  /// The value of a cell.
  case result(MIMEBundle, executionCount: Int)
  /// What ended a cell: kind, message, and the lines of the diagnostic.
  case error(name: String, value: String, traceback: [String])

  /// An output of the session. Values of cells without a number are displayed.
  public init(_ output: Output, executionCount: Int?) {
    switch output {
    case .text(let text): self = .stream(name: "stdout", text: text)
    case .progress(let progress): self = .stream(name: "stdout", text: ProgressText(progress).line + "\n")
    case .warning(let diagnostic):
      self = .stream(name: "stderr", text: diagnostic.rendered(colored: false) + "\n")
    case .error(let diagnostic):
      let lines = diagnostic.rendered(colored: false).split(separator: "\n", omittingEmptySubsequences: false)
      self = .error(
        name: diagnostic.kind.rawValue, value: diagnostic.message, traceback: lines.map(String.init))
    case .page(let text): self = .display(MIMEBundle(text))
    case .prose(let text): self = .display(MIMEBundle(text, .init("text/markdown", text)))
    case .table(let table): self = .display(MIMEBundle(table))
    case .picture(let picture): self = .display(MIMEBundle(picture))
    case .value(let text):
      let bundle = MIMEBundle(text)
      self = executionCount.map { .result(bundle, executionCount: $0) } ?? .display(bundle)
    }
  }

  /// As nbformat 4 has it, texts as lists of lines.
  var notebookText: JSON {
    switch self {
    case .stream(let name, let text):
      .object([
        ("name", .string(name)), ("output_type", .string("stream")), ("text", JSON.lines(of: text)),
      ])
    case .display(let bundle):
      .object([
        ("data", bundle.notebookText), ("metadata", .object([])), ("output_type", .string("display_data")),
      ])
    case .result(let bundle, let executionCount):
      .object([
        ("data", bundle.notebookText), ("execution_count", .integer(executionCount)),
        ("metadata", .object([])),
        ("output_type", .string("execute_result")),
      ])
    case .error(let name, let value, let traceback):
      .object([
        ("ename", .string(name)), ("evalue", .string(value)), ("output_type", .string("error")),
        ("traceback", .array(traceback.map(JSON.string))),
      ])
    }
  }
}

/// One thing in several forms, of which a front end shows the richest that it can: MIME types and contents.
public struct MIMEBundle: Sendable, Equatable {
  /// The thing as one kind of content.
  public struct Form: Sendable, Equatable {
    /// The MIME type.
    public let type: String
    /// The text; of bytes, their Base64.
    public let content: String
    /// Whether the content is bytes in Base64, which is one line whatever its length.
    let isBase64: Bool

    init(_ type: String, _ content: String, isBase64: Bool = false) {
      self.type = type
      self.content = content
      self.isBase64 = isBase64
    }
  }

  /// The richest first, plain text last.
  public let forms: [Form]

  /// The width for tables as text, in characters.
  private static let width = 120

  /// Plain text, and a richer form.
  init(_ text: String, _ richer: Form? = nil) {
    forms = [richer, Form("text/plain", text)].compactMap { $0 }
  }

  /// A table for pages, and as text.
  public init(_ table: Table) {
    self.init(
      table.lines(width: Self.width).joined(separator: "\n"), Form("text/html", TableHTML.text(table)))
  }

  /// A picture whose bytes were kept, and what it shows in words; of a PDF only the words.
  public init(_ picture: Picture) {
    let words = [picture.summary, picture.title].first { !$0.isEmpty } ?? "Picture"
    var form: Form?
    if let bytes = picture.bytes {
      switch picture.format {
      case .png: form = Form("image/png", Base64.text(bytes), isBase64: true)
      case .svg: form = Form("image/svg+xml", String(decoding: bytes, as: UTF8.self))
      case .pdf: break
      }
    }
    self.init("\(words) (\(picture.path))", form)
  }

  /// As nbformat has it: texts as lists of lines, bytes as one text.
  var notebookText: JSON {
    .object(
      forms.map { form in
        (form.type, form.isBase64 ? .string(form.content) : JSON.lines(of: form.content))
      })
  }
}

extension JSON {
  /// A text as nbformat has it: a list of lines with their ends.
  fileprivate static func lines(of text: String) -> JSON {
    .array(NotebookFormat.lines(of: text).map(JSON.string))
  }
}
