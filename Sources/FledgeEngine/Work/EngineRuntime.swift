/// What the engine's loops run by: the system's clock, chance and threads, unless a simulation brings its own.
package struct EngineRuntime: Sendable {
    package var clock: any SteadyClock
    /// A number drawn evenly from the range.
    package var random: @Sendable (ClosedRange<Double>) -> Double
    /// Where everything runs, work included; nil for the usual threads, with those of `WorkExecutor` for work.
    package var executor: (any TaskExecutor)?

    package init(
        clock: any SteadyClock = ContinuousClock(),
        random: @escaping @Sendable (ClosedRange<Double>) -> Double = { .random(in: $0) },
        executor: (any TaskExecutor)? = nil
    ) {
        self.clock = clock
        self.random = random
        self.executor = executor
    }

    var workExecutor: any TaskExecutor { executor ?? WorkExecutor.shared }

    /// Runs to its end even where the caller is cancelled.
    func uncancelled<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value {
        await Task(executorPreference: executor, operation: body).value
    }
}

/// A clock that never goes back, whose instants are those of `ContinuousClock`: what lease terms are counted in.
package protocol SteadyClock: Clock where Instant == ContinuousClock.Instant {}

extension ContinuousClock: SteadyClock {}
