import Dispatch

/// Runs what keeps a processor busy for seconds on a thread of its own, so that heartbeats and leases go on meanwhile.
enum LongComputation {
    static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async { continuation.resume(returning: body()) }
        }
    }
}
