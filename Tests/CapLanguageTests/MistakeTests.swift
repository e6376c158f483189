import CapLanguage
import Foundation
import TestSupport
import Testing

/// Typical mistakes: what the message says, where the caret stands (`«…»`), what is suggested.
struct Mistake: Sendable, CustomTestStringConvertible {
  let source: String
  let message: String
  let hint: String?
  init(_ source: String, _ message: String, _ hint: String? = nil) {
    self.source = source
    self.message = message
    self.hint = hint
  }
  var testDescription: String { source }
}

private let mistakes: [Mistake] = [
  // Names.
  Mistake("x = «sftt»(1, 2, 3)", "no function named 'sftt'", "did you mean 'stft'?"),
  Mistake("y = «lne»([1])", "no function named 'lne'", "'len'"),
  Mistake("value = 3\nprint(«valeu»)", "no variable named 'valeu'", "'value'"),
  Mistake("print(«Print»)", "no variable named 'Print'", "'print'"),
  Mistake("fn f() { «undefinedthing» }", "no variable named 'undefinedthing'"),
  Mistake("if «x» > 2 { x = 1 }", "no variable named 'x'"),
  Mistake("r = {name: 1}\nr.«nmae»", "no field \"nmae\"", "did you mean 'name'?"),
  Mistake("r = {a: 1}\nr[«\"b\"»]", "no field \"b\"", "its fields are \"a\""),
  Mistake("b = box(2)\nb.«sid»", "a box has no field 'sid'", "'side'"),
  Mistake("xs = [1]\nxs[«3»]", "position 3 is outside", "from 0 to 0"),
  Mistake("xs = [1]\nxs[«0.5»]", "a position in a list is a whole number, not 0.5", "a // b"),
  // Arguments.
  Mistake(
    "stft(1, 320, «frame_stp»=32)", "'stft' has no parameter 'frame_stp'", "did you mean 'frame_step'?"),
  Mistake("«stft»(1, 320)", "'stft' misses the argument 'frame_step'", "it is declared stft(a, frame_length"),
  Mistake("stft(1, «\"320\"», 32)", "takes a number of samples", "without quotes"),
  Mistake("stft(1, «320.5», 32)", "not 320.5", "round(x)"),
  Mistake("stft(1, «0», 32)", "'frame_length' of 'stft' takes a number of samples of at least 1", nil),
  Mistake("stft(1, «16kHz», 32)", "not a frequency: 16 kHz", "write a time"),
  Mistake(
    "stft(1, 3, 4, window=«\"han\"»)", "takes \"hann\" or \"hamming\", not \"han\"", "did you mean \"hann\"?"),
  Mistake("stft(1, 3, 4, «a»=2)", "'a' of 'stft' is given twice", nil),
  Mistake("len([1], «2»)", "'len' takes at most 1 argument, but 2 are given", "len(x)"),
  Mistake("len(«3»)", "a number has no length", nil),
  Mistake("sum(«[1, \"a\"]»)", "a list whose item 1 is a string", nil),
  Mistake("stft(«none», 3, 4)", "no audio", nil),
  Mistake("«stft»(13, 3, 4)", "thirteen", nil),
  Mistake("fn f(a, b=2) { a }\n«f()»", "'f' misses the argument 'a'", "it is declared f(a, b=2)"),
  Mistake("fn f(a) { a }\n«f(1, 2)»", "'f' takes 1 argument, but 2 are given", "f(a)"),
  Mistake("fn f(size) { size }\nf(«sise»=1)", "'f' has no parameter 'sise'", "did you mean 'size'?"),
  Mistake("fn f(a) { a }\nf(1, «a»=2)", "'a' is given twice", nil),
  Mistake("map([1], «3»)", "'f' of 'map' takes a function, not a number", nil),
  Mistake("box(«1000»)", "takes a whole number from 1 to 100, not 1000", nil),
  // Conditions.
  Mistake("x = 1\nif x «=» 1 { }", "'=' sets a variable; a condition compares", "write =="),
  Mistake("x = 1\nif «x» { }", "a condition is true or false, not a number", "x != 0"),
  Mistake("while «[1]» { }", "a condition is true or false, not a list", "len(x) > 0"),
  Mistake("x = «\"a\"» and true", "a condition is true or false, not a string", nil),
  Mistake("x = 1 «&&» 2", "'&&' is not an operator", "write and"),
  Mistake("x = true «||» false", "'||' is not an operator", "write or"),
  Mistake("x = «!»true", "'!' is not an operator", "write not"),
  Mistake("x = 1\nx «===» 1", "'===' is not an operator", "write =="),
  Mistake("x = none\nx «is» none", "'is' is not a word of Cap", "write =="),
  // Python.
  Mistake("x = «True»", "no variable named 'True'", "write true"),
  Mistake("x = «None»", "no variable named 'None'", "write none"),
  Mistake("x = «null»", "no variable named 'null'", "write none"),
  Mistake("«def» f(x) { x }", "functions are declared with 'fn'", "write fn f(…) { … }"),
  Mistake("if 1 < 2«:»\n  print(1)", "blocks stand in braces, not after ':'", "write if … { … }"),
  Mistake("if 1 < 2 { }\n«elif» 2 < 3 { }", "'elif' is not a word of Cap", "write else if"),
  Mistake("x = 1\nprint «x»", "found 'x'", "write print(x)"),
  Mistake("f = «lambda» x: x + 1", "'lambda' is not a word of Cap", "write x => …"),
  Mistake("x = 1\nx«++»", "'++' is not an operator", "write x += 1"),
  Mistake("xs = [1]\nxs.«append»(2)", "a list has no method 'append'", "write xs += [value]"),
  Mistake(
    "s = \"a\"\ns.«startswith»(\"a\")", "a string has no method 'startswith'", "write starts_with(s, …)"),
  Mistake("import «numpy» as np", "'import' takes the path of a Cap file in quotes", "no import"),
  Mistake("x = np.mean([1])".replacing("np", "«np»"), "no variable named 'np'", "no module names"),
  Mistake("«pass»", "'pass' is not a word of Cap", "{ }"),
  Mistake("«let» x = 3", "variables are not declared", "write x = …"),
  Mistake("«class» A { }", "Cap has no classes", "record"),
  Mistake("try { } «except» { }", "'except' is not a word of Cap", "catch e"),
  Mistake("fn f(x«:» int) { x }", "parameters have no types", nil),
  Mistake("for «(»x in [1]) { }", "'for' takes no brackets", "for x in xs"),
  Mistake("for x in «3» { }", "a number has no items", "range(3)"),
  // Text.
  Mistake("print(«“»hello”)", "typographic quotation mark", "plain quotes"),
  Mistake("x = 3 «−» 2", "'−' is not an operator", "write -"),
  Mistake("x = «\"»abc", "this string is not closed", "close it"),
  Mistake("x = \"a«\\q»b\"", "is no escape", "\\\\"),
  Mistake("x = (1, 2«]»", "']' does not close '('", "expected ')'"),
  Mistake("x = «(»1, 2", "'(' is never closed", "close it with ')'"),
  Mistake("x = 1«)»", "')' closes nothing", nil),
  Mistake("x = 3«kg»", "'kg' is no unit", nil),
  Mistake("x = 3«khz»", "'khz' is no unit", "did you mean 'kHz'?"),
  Mistake("x = f\"{«1»:.2q}\"", "'q' means nothing in the format", "as in Python"),
  Mistake("x = «$»a", "'$' means nothing in Cap", nil),
  Mistake("xs = [1 «2»]", "expected ',' or ']'", nil),
  Mistake("r = {«1»: 2}", "the keys of a record are strings", "\"1\": …"),
  // Operators and units.
  Mistake("x = «\"n = \" + 3»", "cannot add a string and a number", "f\"{a}{b}\""),
  Mistake("x = «3s + 16kHz»", "cannot add a time and a frequency: 3 s and 16 kHz", nil),
  Mistake("x = «3s + 1»", "cannot add a time and a number: 3 s and 1", "1s"),
  Mistake("x = «1 / 0»", "division by zero", nil),
  Mistake("x = «[1] + 2»", "cannot add a list and a number", "write [item]"),
  Mistake("x = «3»(4)", "a number cannot be called", "write *"),
  Mistake("a, b = «[1, 2, 3]»", "2 variables want 2 values, but there are 3", nil),
  Mistake("s = \"abc\"\ns[«0»] = \"x\"", "the characters of a string cannot be set", nil),
  Mistake(
    "raise «3»".replacing("raise «3»", "«raise 3»"), "'raise' takes a text", "raise \"what went wrong\""),
  Mistake("«return» 3", "'return' stands outside of a function", nil),
  Mistake("«break»", "'break' stands outside of a loop", nil),
  Mistake("x = 1\nfn f() { «x += 1» }\nf()", "'x' has no value yet", "pass the outer one as an argument"),
  Mistake("x = «_»", "'_' is the last value shown, and none has been", nil),
  // R.
  Mistake("x «<-» 3", "'<-' is not an operator", "write x = …"),
  Mistake("xs = «c»(1, 2)", "no function named 'c'", "a list is written [a, b]"),
  Mistake("s = «paste0»(\"a\", \"b\")", "no function named 'paste0'", "f\"{x}\""),
  Mistake("x = «NA»", "no variable named 'NA'", "none"),
  Mistake("f = function(x) «{» x }", "expected the end of the line", "write fn(x) { … }, or x => …"),
  Mistake("repeat «{» print(1) }", "expected the end of the line", "write while true { … }"),
  // MATLAB.
  Mistake("for i «=» 1:10 { }", "expected 'in' after the variable of 'for'", "for i in range(start, stop)"),
  Mistake("for i in 1«:»10 { print(i) }", "':' makes no range", "write range(1, 11)"),
  Mistake("x = 1«:»5", "':' has no meaning here", "write range(1, 6)"),
  Mistake("x = [1«;» 2]", "found ';'", "rows are lists"),
  Mistake("x = 1\nif x «~=» 2 { }", "'~=' is not an operator", "write !="),
  Mistake("x = [1]\ny = x .«*» x", "expected the name of a field after '.'", "write *"),
  Mistake("x = [1]\nx«{»1}", "expected the end of the line", "square brackets: x[0]"),
  Mistake("«disp»(3)", "no function named 'disp'", "write print(…)"),
  Mistake("«disp» 3", "'disp' is not a word of Cap", "write print(…)"),
  Mistake("x = 3 «end»", "found 'end'", "blocks stand in braces"),
  Mistake("«f(x)» = x * 2", "a call cannot be set", "write fn f(x) { … }"),
  Mistake("«%» what it is", "expected a value, found '%'", "comments start with #"),
  // JavaScript.
  Mistake("x = true «?» 1 : 2", "'?' means nothing in Cap", "write a if condition else b"),
  Mistake("x = new «Array»(3)", "found 'Array'", "values are made by calling"),
  Mistake("«typeof» 3", "'typeof' is not a word of Cap", "kind(x)"),
  Mistake("x = «`»abc", "'`' means nothing in Cap", "f\"{x}\""),
  Mistake("a = 1\nr = {b: 1, a«}»", "expected ':' after the field's name", "write a: …"),
  Mistake("r = {«**»x}", "found '**'", "merge(a, b)"),
  Mistake("do «{» print(1) } while true", "expected the end of the line", "write while true { … }"),
  Mistake("«//» what it is", "expected a value, found '//'", "comments start with #"),
  Mistake("x = 3 // what «it» is", "found 'it'", "comments start with #"),
  Mistake("x = \"a\" . «\"b\"»", "expected the name of a field after '.'", "write a + b"),
  Mistake("x = true «AND» false", "found 'AND'", "write and"),
  // Python.
  Mistake("x = [i for i in [1] if i > 1 «else» 0]", "found the word 'else'", "the choice comes first"),
  Mistake("raise «ValueError»(\"x\")", "no function named 'ValueError'", "raise \"what went wrong\""),
  Mistake("x = «float»(\"3\")", "no function named 'float'", "number(x)"),
  Mistake("for i, x in «[1, 2]» { }", "a number does not fill 2 variables", "enumerate(xs)"),
  Mistake("x = «[1, 2] * [3]»", "cannot multiply a list and a list", "tensor(xs)"),
  Mistake("stft(1, 3, 4, «win_length»=3)", "'stft' has no parameter 'win_length'", "called 'frame_length'"),
  // Numbers and units.
  Mistake("x = 16 «kHz»", "found 'kHz'", "right behind its number: 16kHz"),
  Mistake("x = 3 «seconds»", "found 'seconds'", "right behind its number: 3s"),
  Mistake("x = [1, 8 «khz»]", "expected ',' or ']'", "right behind its number: 8kHz"),
  Mistake("x = 3«sec»", "'sec' is no unit", "did you mean 's'?"),
  Mistake("x = 5«m»", "'m' is no unit", "min for minutes, ms for milliseconds"),
  Mistake("x = 16«k»", "'k' is no unit", "kHz"),
  Mistake("x = 1.000.«000»", "expected the name of a field after '.'", "1_000_000"),
  Mistake("x = 1.«.5»", "expected the name of a field after '.'", "range(start, stop)"),
  Mistake("x = 50%«»", "expected a value", "write 50 / 100"),
  Mistake("sftt = 1\nx = «sftt»(3)", "a number cannot be called", "to multiply, write *"),
]

extension String {
  fileprivate func replacing(_ part: String, _ with: String) -> String {
    guard let range = range(of: part) else { return self }
    return replacingCharacters(in: range, with: with)
  }
}

@Suite struct MistakeTests {
  @Test("there are at least sixty") func count() { #expect(mistakes.count >= 60) }

  @Test(arguments: mistakes) func mistake(_ mistake: Mistake) throws {
    let marked = Marked(mistake.source)
    let outcome = Bench().script(marked.text)
    let diagnostic = try #require(outcome.error?.diagnostics.first, "no error for \(marked.text)")
    #expect(diagnostic.message.contains(mistake.message), "\(diagnostic.message)")
    if let hint = mistake.hint {
      #expect(diagnostic.hint?.contains(hint) == true, "\(diagnostic.hint ?? "no hint")")
    }
    #expect(diagnostic.span.range == marked.range, "\(outcome.error?.description ?? "")")
  }

  @Test("every error of a text is found in one pass") func allErrors() throws {
    let text = "x = 1 +\ny = )\nfn f( { }\nif x { print 3 }\nz = 3 &&& 4\nprint(lenn(1))"
    let error = try #require(Bench().script(text).error)
    #expect(error.diagnostics.count >= 2)
    #expect(error.diagnostics.allSatisfy { $0.kind == .syntax })
  }

  @Test("a Python block's lines are read on") func pythonBlock() throws {
    let text = "def f(x):\n    y = x +* 2\n    return y\nif 1 < 2:\n    z = 3 ** ** 4\nprint(1)"
    let error = try #require(Bench().script(text).error)
    #expect(error.diagnostics.map { $0.line } == [1, 1, 2, 4, 5])
  }

  @Test("nothing runs before the whole text parses") func nothingRuns() {
    let outcome = Bench().run("print(1)\nx = )")
    #expect(outcome.output.isEmpty)
    #expect(outcome.error != nil)
  }
}
