import Glibc

/// Amounts of memory, for people.
public enum ByteCount {
  /// `12 bytes`, `1.5 MB`, `8.0 TB`: powers of 1024.
  public static func text(_ bytes: Double) -> String {
    guard bytes >= 1024 else { return bytes == 1 ? "1 byte" : "\(Int(max(bytes, 0))) bytes" }
    let units = ["kB", "MB", "GB", "TB", "PB", "EB"]
    var size = bytes / 1024
    var unit = 0
    while size >= 1024, unit < units.count - 1 {
      size /= 1024
      unit += 1
    }
    if size >= 1e6 { return "more than 999999 EB" }
    return "\(NumberText.fixed(size, 1)) \(units[unit])"
  }

  /// The physical memory in bytes that this process may use: the machine's, or less where the process is
  /// limited to less (`ulimit -v`). Asked for once.
  public static let physicalMemory: Int = {
    let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return machine }
    return min(machine, Int(clamping: limit.rlim_cur))
  }()
}
