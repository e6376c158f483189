/// Work that nobody waits for.
public enum Background {
  private final class Holder<Value>: @unchecked Sendable {
    var value: Value?
    init(_ value: Value) { self.value = value }
  }

  /// Takes the items away and frees them on a thread of its own: many millions take longer than Ctrl-C may.
  public static func free<Item>(_ items: inout [Item]) {
    guard items.count > 1 << 18 else { return }
    let holder = Holder(items)
    items = []
    // Where there is no thread to be had, the holder frees them here.
    _ = Thread.detach(stackSize: 1 << 20) { holder.value = nil }
  }
}
