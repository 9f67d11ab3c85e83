import FledgeCore

/// Runs what keeps a processor busy for seconds on the threads that work has, so that heartbeats and leases go on meanwhile.
///
/// It stays a part of the task: where that is cancelled, the computation sees it.
package enum LongComputation {
    package static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withTaskExecutorPreference(WorkExecutor.shared) {
            try CancellationPoint.check()
            return try await compute(body)
        }
    }

    /// Runs what computes between the things that it waits for.
    static func among<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await withTaskExecutorPreference(WorkExecutor.shared) {
            try CancellationPoint.check()
            return try await body()
        }
    }

    /// Not isolated to an actor, so that it runs where the task prefers to.
    @concurrent
    private static func compute<Value: Sendable>(_ body: @Sendable () throws -> Value) async throws -> Value {
        try body()
    }
}
