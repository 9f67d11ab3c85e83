import FledgeCore

/// How one attempt at a piece of work ended.
enum WorkEnding: Sendable {
    case outcome(WorkOutcome)
    /// It was cancelled or paused, another has it, or the database could not be told in time that it is still worked on.
    case lost
    case stopped
    /// Whether it got on before it failed: then it counts as no attempt.
    case failed(FledgeError, hasProgressed: Bool = false)

    /// What metrics call it.
    var name: String {
        switch self {
        case .outcome: "finished"
        case .lost: "lost"
        case .stopped: "stopped"
        case .failed: "failed"
        }
    }
}

/// One attempt at a piece of work: the handler beside the heartbeat that keeps the lease.
struct WorkAttempt: Sendable {
    let item: WorkItem
    let handler: (any WorkHandler)?
    let queue: any LeaseQueue
    let term: LeaseTerm
    var runtime = EngineRuntime()
    /// Called when suspect work has gone on for so long that it need not be alone any more.
    var onProven: @Sendable () -> Void = {}

    func run() async -> WorkEnding {
        if let unreadable = item.unreadable { return .failed(unreadable) }
        guard item.deaths < WorkItem.mostDeaths else { return .failed(quarantined) }
        guard item.attempt <= item.maximumAttempts else { return .failed(exhausted) }
        guard let handler else {
            return .failed(FledgeError("work.unknown_kind", "no handler for \(item.kind.rawValue)"))
        }
        // The answer to the claim may have come when it was another's turn already.
        guard !term.isOver(at: runtime.clock.now) else { return .lost }
        // Prolonged by the heartbeat, and looked at by the watch.
        let held = Shared(term)
        return await withTaskGroup(of: WorkEnding?.self) { group in
            group.addTask { await handle(with: handler) }
            group.addTask { await keep(held) }
            var ending: WorkEnding?
            for await finished in group {
                if let finished, ending == nil { ending = finished }
                group.cancelAll()
            }
            return ending ?? .stopped
        }
    }

    private func handle(with handler: any WorkHandler) async -> WorkEnding? {
        let progress = WorkProgress()
        do {
            return .outcome(
                try await WorkProgress.$current.withValue(progress) {
                    try await withTaskExecutorPreference(runtime.workExecutor) { try await handler.handle(item) }
                })
        } catch let error as FledgeError {
            return Task.isCancelled ? nil : .failed(error, hasProgressed: progress.hasProgressed)
        } catch {
            // Also a cancellation that did not come from here: given back as if the daemon stopped, the work would be
            // claimed again at once, for ever.
            return Task.isCancelled
                ? nil
                : .failed(
                    FledgeError("work.failed", "\(error)"),
                    hasProgressed: progress.hasProgressed)
        }
    }

    /// Most work is over before its first renewal is due: until then one timer is enough.
    private func keep(_ held: Shared<LeaseTerm>) async -> WorkEnding? {
        let first = min(runtime.clock.now + term.renewalPause, term.end)
        do { try await runtime.clock.sleep(until: first, tolerance: nil) } catch { return nil }
        return await withTaskGroup(of: WorkEnding?.self) { group in
            group.addTask { await renew(held) }
            group.addTask { await watch(held) }
            var ending: WorkEnding?
            for await finished in group {
                if let finished, ending == nil { ending = finished }
                group.cancelAll()
            }
            return ending
        }
    }

    private func renew(_ held: Shared<LeaseTerm>) async -> WorkEnding? {
        let begin = runtime.clock.now
        while true {
            let asked = runtime.clock.now
            let isProven = item.isSuspect && asked - begin >= WorkItem.provenAfter
            // An error says nothing about whose the work is: the term's end does.
            let isHeld = try? await queue.renew(item.lease, for: term.length, isProven: isProven)
            if isHeld == false { return .lost }
            if isHeld == true {
                held.withLock { $0.renew(asked: asked) }
                if isProven { onProven() }
            }
            do { try await runtime.clock.sleep(for: term.renewalPause) } catch { return nil }
        }
    }

    /// Ends the work when its term is over, even while a renewal waits for an answer that does not come.
    private func watch(_ held: Shared<LeaseTerm>) async -> WorkEnding? {
        while true {
            let current = held.withLock { $0 }
            if current.isOver(at: runtime.clock.now) { return .lost }
            do { try await runtime.clock.sleep(until: current.end, tolerance: nil) } catch { return nil }
        }
    }

    private var quarantined: FledgeError {
        FledgeError(
            "work.quarantined",
            "\(item.deaths) daemons have ended while they worked on it, the last with nothing beside it: it is not tried again",
            hint: "look into the daemon's log for what kills it, then fledge retry or fledge work retry")
    }

    private var exhausted: FledgeError {
        FledgeError(
            "work.exhausted",
            "\(item.maximumAttempts) attempts have ended without a word: each time the daemon was killed or lost its lease",
            hint: "look into the daemon's log for what kills it, then fledge retry or fledge work retry")
    }
}
