import CCommonMark

/// A text in Markdown (CommonMark, with GitHub's tables, strikethrough and bare links), read by cmark-gfm.
///
/// Raw HTML is shown as text; links that would run something lead nowhere. Owns the tree of nodes.
final class Markdown {
  /// A heading, in order.
  struct Heading {
    let level: Int
    let text: String
    /// The name by which a link finds it.
    let anchor: String
  }

  /// The page's HTML for a picture that the text names, nil to show a link in its place.
  typealias PictureHTML = (_ address: String, _ alternative: String) -> String?

  private static let options =
    CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8 | CMARK_OPT_TABLE_PREFER_STYLE_ATTRIBUTES
  /// A static, so that the library's register of extensions is filled once.
  private static let registered: Void = cmark_gfm_core_extensions_ensure_registered()

  private let root: OpaquePointer?
  private let parser: OpaquePointer?

  init(_ text: String) {
    _ = Self.registered
    let parser = cmark_parser_new(Self.options)
    for name in ["table", "strikethrough", "autolink", "tasklist"] {
      if let found = cmark_find_syntax_extension(name) { cmark_parser_attach_syntax_extension(parser, found) }
    }
    var text = text
    text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { cmark_parser_feed(parser, $0.baseAddress, $0.count) }
    }
    root = cmark_parser_finish(parser)
    self.parser = parser
    showMarkup()
  }

  deinit {
    if let root { cmark_node_free(root) }
    if let parser { cmark_parser_free(parser) }
  }

  /// Shows raw HTML as the text that it is, line breaks and comments excepted.
  private func showMarkup() {
    for node in nodes(of: "html_inline") + nodes(of: "html_block") {
      let literal = cmark_node_get_literal(node).map { String(cString: $0) } ?? ""
      let isBlock = cmark_node_get_type(node) == CMARK_NODE_HTML_BLOCK
      var new: OpaquePointer?
      if ["<br>", "<br/>", "<br />"].contains(literal) {
        new = cmark_node_new(CMARK_NODE_LINEBREAK)
      } else if !literal.hasPrefix("<!--") {
        new = cmark_node_new(CMARK_NODE_TEXT)
        cmark_node_set_literal(new, literal)
      }
      if isBlock, let words = new {
        new = cmark_node_new(CMARK_NODE_PARAGRAPH)
        cmark_node_append_child(new, words)
      }
      if let new { cmark_node_replace(node, new) } else { cmark_node_unlink(node) }
      cmark_node_free(node)
    }
  }

  /// The text as HTML. Takes the tree apart: to be called once.
  /// - Parameters:
  ///   - prefix: starts the names of its headings.
  ///   - picture: makes the page's HTML for pictures.
  ///   - code: makes the HTML of a block of code whose language is Cap or unknown.
  func html(prefix: String, picture: PictureHTML, code: (String) -> String) -> (html: String, [Heading]) {
    var headings: [Heading] = []
    for node in nodes(of: "heading") {
      let heading = Heading(
        level: Int(cmark_node_get_heading_level(node)), text: Self.text(node),
        anchor: "\(prefix)-\(headings.count + 1)")
      headings.append(heading)
      guard let frame = cmark_node_new(CMARK_NODE_CUSTOM_BLOCK) else { continue }
      cmark_node_set_on_enter(frame, "<div class=\"heading\" id=\"\(heading.anchor)\">")
      cmark_node_set_on_exit(frame, "</div>")
      cmark_node_insert_before(node, frame)
      cmark_node_unlink(node)
      cmark_node_append_child(frame, node)
    }
    for node in nodes(of: "image") {
      let address = cmark_node_get_url(node).map { String(cString: $0) } ?? ""
      let alternative = Self.text(node)
      if let html = picture(address, alternative) {
        replace(node, by: html, CMARK_NODE_CUSTOM_INLINE)
      } else if let link = cmark_node_new(CMARK_NODE_LINK) {
        // Nothing is fetched from elsewhere: the reader may.
        cmark_node_set_url(link, address)
        if let label = cmark_node_new(CMARK_NODE_TEXT) {
          cmark_node_set_literal(label, alternative.isEmpty ? address : alternative)
          cmark_node_append_child(link, label)
        }
        cmark_node_replace(node, link)
        cmark_node_free(node)
      }
    }
    for node in nodes(of: "code_block") {
      let language = cmark_node_get_fence_info(node).map { String(cString: $0) } ?? ""
      guard ["", "cap"].contains(language.lowercased()) else { continue }
      let literal = cmark_node_get_literal(node).map { String(cString: $0) } ?? ""
      replace(node, by: "<pre><code>\(code(literal))</code></pre>", CMARK_NODE_CUSTOM_BLOCK)
    }
    guard let rendered = cmark_render_html(root, Self.options, nil) else { return ("", headings) }
    defer { cmark_get_default_mem_allocator().pointee.free(rendered) }
    return (String(cString: rendered), headings)
  }

  private func replace(_ node: OpaquePointer, by html: String, _ type: cmark_node_type) {
    guard let custom = cmark_node_new(type) else { return }
    cmark_node_set_on_enter(custom, html)
    cmark_node_replace(node, custom)
    cmark_node_free(node)
  }

  /// All nodes of a type, in the order of the text; gathered first, so that the tree can be changed.
  private func nodes(of type: String) -> [OpaquePointer] {
    guard let root, let iterator = cmark_iter_new(root) else { return [] }
    defer { cmark_iter_free(iterator) }
    var found: [OpaquePointer] = []
    while cmark_iter_next(iterator) != CMARK_EVENT_DONE {
      guard let node = cmark_iter_get_node(iterator),
        String(cString: cmark_node_get_type_string(node)) == type
      else { continue }
      if cmark_iter_get_event_type(iterator) == CMARK_EVENT_ENTER { found.append(node) }
    }
    return found
  }

  /// The words below a node.
  private static func text(_ node: OpaquePointer) -> String {
    guard let iterator = cmark_iter_new(node) else { return "" }
    defer { cmark_iter_free(iterator) }
    var text = ""
    while cmark_iter_next(iterator) != CMARK_EVENT_DONE {
      guard cmark_iter_get_event_type(iterator) == CMARK_EVENT_ENTER,
        let current = cmark_iter_get_node(iterator)
      else { continue }
      switch cmark_node_get_type(current) {
      case CMARK_NODE_TEXT, CMARK_NODE_CODE:
        text += cmark_node_get_literal(current).map { String(cString: $0) } ?? ""
      case CMARK_NODE_SOFTBREAK, CMARK_NODE_LINEBREAK: text += " "
      default: break
      }
    }
    return text
  }
}

extension Transcript {
  /// The library that reads prose, and its version.
  public static var libraryVersions: [(name: String, version: String)] {
    [("cmark-gfm", String(cString: cmark_version_string()))]
  }
}
