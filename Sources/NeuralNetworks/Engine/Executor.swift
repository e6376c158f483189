struct ExecutorKey: Hashable { let training: Bool }
final class Executor {}
