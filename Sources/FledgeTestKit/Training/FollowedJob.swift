import FledgeCore
import FledgeEngine

/// Follows a training job as the engine does: each look goes on where the last one ended.
struct FollowedJob {
    let executor: any TrainingExecutor
    let id: String
    private(set) var offset: Int64
    private(set) var state = TrainingUpdate.State.running
    private(set) var points: [TrainingPoint] = []
    private(set) var log: [String] = []

    init(_ executor: any TrainingExecutor, _ id: String, from offset: Int64 = 0) {
        self.executor = executor
        self.id = id
        self.offset = offset
    }

    /// Looks at least once, until the job no longer runs.
    ///
    /// - Throws: ``TrainingExecutorBreach`` where it goes on for too long, or an offset goes back.
    mutating func untilEnd() async throws {
        var job = self
        defer { self = job }
        let hasEnded = try await eventually {
            let update = try await job.executor.poll(job.id, from: job.offset)
            guard update.offset >= job.offset else {
                throw TrainingExecutorBreach("a look from \(job.offset) goes on from \(update.offset)")
            }
            job.offset = update.offset
            job.state = update.state
            job.points += update.points
            job.log += update.log
            return update.state != .running
        }
        guard hasEnded else { throw TrainingExecutorBreach("the job goes on") }
    }
}

/// How a promise is broken.
struct TrainingExecutorBreach: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
