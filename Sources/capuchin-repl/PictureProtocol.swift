/// How a terminal takes pictures.
enum PictureProtocol: Sendable, Equatable {
  /// Kitty's graphics protocol: a PNG in base64, in pieces.
  case kitty
  /// iTerm2's inline images: a PNG in base64.
  case iterm2
  /// DEC's sixels.
  case sixel
  /// Characters that are blocks, in colours: for all other terminals.
  case blocks(BlockColors)

  /// The colours that blocks may have.
  enum BlockColors: Sendable, Equatable {
    case truecolor
    case indexed256
    case indexed16
    /// The terminal's own two.
    case plain
  }

  /// The variable that decides where detection errs: `kitty`, `iterm2`, `sixel`, `blocks` or `off`.
  static let variable = "CAPUCHIN_REPL_PICTURES"

  /// What the terminal described by the environment can do; nil if it shows no pictures. docs/prompt.md lists
  /// the rules. Terminals are not asked: their answer would mix with what the user types.
  static func detected(in environment: (String) -> String?, allowsColor: Bool) -> PictureProtocol? {
    let terminal = environment("TERM") ?? ""
    if ["", "dumb", "unknown"].contains(terminal) { return nil }
    let blocks = PictureProtocol.blocks(colors(terminal, environment, allowsColor: allowsColor))
    switch environment(variable) {
    case "kitty": return .kitty
    case "iterm2": return .iterm2
    case "sixel": return .sixel
    case "blocks": return blocks
    case "off": return nil
    default: break
    }
    // A multiplexer draws the screen itself and knows characters only, whatever terminal is around it.
    let isMultiplexed =
      ["TMUX", "STY", "ZELLIJ"].contains { !(environment($0) ?? "").isEmpty }
      || terminal.hasPrefix("screen") || terminal.hasPrefix("tmux")
    if isMultiplexed { return blocks }
    let program = environment("TERM_PROGRAM") ?? ""
    if terminal == "xterm-kitty" || terminal == "xterm-ghostty" || program == "ghostty" { return .kitty }
    if ["iTerm.app", "WezTerm", "mintty"].contains(program) || environment("LC_TERMINAL") == "iTerm2" {
      return .iterm2
    }
    if ["foot", "mlterm", "contour", "yaft"].contains(where: terminal.hasPrefix) || terminal.contains("sixel")
      || Int(environment("KONSOLE_VERSION") ?? "") ?? 0 >= 220_400
    {
      return .sixel
    }
    return blocks
  }

  private static func colors(
    _ terminal: String, _ environment: (String) -> String?, allowsColor: Bool
  ) -> BlockColors {
    if !allowsColor { return .plain }
    let named = ["truecolor", "24bit"].contains(environment("COLORTERM") ?? "")
    let known = ["xterm-kitty", "xterm-ghostty", "alacritty", "foot"].contains { terminal.hasPrefix($0) }
    if named || known || terminal.hasSuffix("-direct") { return .truecolor }
    return terminal.contains("256color") ? .indexed256 : .indexed16
  }
}
