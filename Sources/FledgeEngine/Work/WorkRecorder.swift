import FledgeCore
import Logging

/// Writes down how a piece of work ended: done, tried again later, or dead.
struct WorkRecorder: Sendable {
    let queue: any LeaseQueue
    let cycles: CycleService
    let retries: RetryPolicy
    var runtime = EngineRuntime()
    let logger: Logger

    /// Tries again while the database is away: until another has taken the work over, its fence makes that safe.
    func record(_ item: WorkItem, _ ending: WorkEnding) async {
        var attempt = 1
        while true {
            do {
                return try await end(item, ending)
            } catch let error as FledgeError where error.code == .workLost {
                return logger.info("work was taken over", metadata: item.metadata())
            } catch {
                guard let failure = error as? FledgeError, failure.mayPass,
                    let pause = RetryPolicy.recording.pause(afterAttempt: attempt, random: runtime.random(0...1))
                else {
                    // The lease runs out and the work is claimed again: nothing is lost, some of it is repeated.
                    return logger.warning("cannot record how work ended", metadata: item.metadata(error))
                }
                attempt += 1
                try? await runtime.clock.sleep(for: pause)
            }
        }
    }

    private func end(_ item: WorkItem, _ ending: WorkEnding) async throws {
        switch ending {
        case .outcome(.finished): try await queue.finish(item.lease)
        case .outcome(.event(let event)):
            do {
                try await apply(event, of: item)
            } catch let error as FledgeError where error.code == .cycleRejectedEvent {
                // The cycle has moved on. Work that nobody has taken away must not come back for ever.
                try await bury(item, because: error)
            }
        case .lost, .stopped:
            // Paused work goes back to the queue; what was cancelled or claimed by another is gone.
            try await queue.release(item.lease, after: .zero, countsAsAttempt: false, error: nil)
        case .failed(let error, let hasProgressed): try await fail(item, error, hasProgressed: hasProgressed)
        }
    }

    private func fail(_ item: WorkItem, _ error: FledgeError, hasProgressed: Bool) async throws {
        if error.code == .executorFull {
            // Its turn has not come: that is no failure of the work.
            return try await queue.release(item.lease, after: .seconds(5), countsAsAttempt: false, error: error)
        }
        // A slow server, or one that fails now and then, still brings the work to its end.
        if hasProgressed, error.mayPass {
            let pause = retries.bound(afterAttempt: 1) * runtime.random(0.5...1)
            logger.info("work goes on after a failure", metadata: item.metadata(error))
            return try await queue.release(item.lease, after: pause, countsAsAttempt: false, error: error)
        }
        var policy = retries
        policy.attempts = item.maximumAttempts
        if error.mayPass, let pause = policy.pause(afterAttempt: item.attempt, random: runtime.random(0...1)) {
            logger.warning("work failed and is tried again", metadata: item.metadata(error))
            return try await queue.release(item.lease, after: pause, countsAsAttempt: true, error: error)
        }
        logger.error("work failed", metadata: item.metadata(error))
        // A cycle does not wait for its notifications: it may be at other work by now, which would go on in a blocked cycle.
        guard item.cycle != nil, item.kind != .notify else { return try await bury(item, because: error) }
        do {
            try await apply(.workFailed(code: error.code.rawValue, message: error.advice), of: item)
        } catch let rejection as FledgeError where rejection.code == .cycleRejectedEvent {
            try await bury(item, because: error)
        }
    }

    private func bury(_ item: WorkItem, because error: FledgeError) async throws {
        try await queue.bury(item.lease, because: error)
    }

    private func apply(_ event: CycleEvent, of item: WorkItem) async throws {
        guard let cycle = item.cycle else { return try await queue.finish(item.lease) }
        let state = try await cycles.apply(event, to: cycle, actor: "fledged", finishing: item.lease)
        logger.info(
            "transition",
            metadata: [
                "cycle": "\(cycle)", "event": "\(event.kind.rawValue)", "stage": "\(state.stage.rawValue)",
                "activity": "\(state.activity.rawValue)",
            ])
    }
}

extension FledgeError {
    /// Where, what, and what to do, in a line.
    var advice: String {
        let located = place.map { "\($0): \(message)" } ?? message
        return hint.map { "\(located). \($0.prefix(1).uppercased())\($0.dropFirst())" } ?? located
    }

    /// Whether the same may succeed later, by itself.
    var mayPass: Bool { disposition == .transient }
}

extension WorkItem {
    func metadata(_ error: (any Error)? = nil) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "work": "\(lease.item)", "kind": "\(kind.rawValue)", "attempt": "\(attempt)",
        ]
        if let cycle { metadata["cycle"] = "\(cycle)" }
        if let error { metadata["error"] = "\(error)" }
        return metadata
    }
}
