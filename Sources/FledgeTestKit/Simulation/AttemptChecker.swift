import FledgeCore

/// Looks at what workers do between the calls of the store: whether they work on what is theirs, and let go of it.
struct AttemptChecker: Sendable {
    typealias Time = SimulatedStore.Time
    typealias Violation = SimulationChecker.Violation

    /// Until when each claim held at the most.
    private var terms: [Hold: Time] = [:]
    /// What each process has been given, and has not failed to give back.
    private var hands: [Int: [Hold]] = [:]
    private var unanswered: Set<Hold> = []
    /// A worker that is told to stop may take so long for it.
    private static let grace: Time = 1_000_000

    // MARK: What is known of claims

    mutating func note(_ operation: StoreOperation, _ result: StoreResult, at now: Time) {
        switch (operation, result) {
        case (.claim(_, let lease), .claimed(let claimed)):
            for work in claimed { terms[work.hold] = now + lease }
        case (.renew(let hold, let lease), .held(true)): terms[hold] = now + lease
        default: break
        }
    }

    mutating func noteReceived(_ claimed: [Claimed], by process: SimulatedProcess) {
        for work in claimed { hands[process.number, default: []].append(work.hold) }
    }

    mutating func noteLost(_ operation: StoreOperation) {
        switch operation {
        case .finish(let hold), .bury(let hold), .release(let hold, _, _), .record(_, finishing: let hold?):
            unanswered.insert(hold)
        default: break
        }
    }

    /// Whether somebody has tried to say how it ended, and does not know whether that was heard.
    func isUnanswered(_ hold: Hold) -> Bool { unanswered.contains(hold) }

    // MARK: Promises

    /// A handler begins, or goes on.
    func checkStep(of hold: Hold, in process: SimulatedProcess, _ store: SimulatedStore, at now: Time)
        throws(Violation)
    {
        let attempts = store.work[hold.work].attempts
        if store.work[hold.work].fence == hold.fence, attempts > SimulatedStore.maximumAttempts {
            throw Violation(promise: .attemptsBounded, what: "work \(hold.work) begins a \(attempts)th time")
        }
        // A worker whose clock runs slow may think that it still has time: only the fence is left then.
        guard !process.hasRunSlow else { return }
        let end = max(terms[hold] ?? 0, process.wokeAt)
        guard now > end + Self.grace else { return }
        throw Violation(
            promise: .lostWorkStops, what: "work \(hold.work) goes on \((now - end) / 1_000) ms after its lease ran out"
        )
    }

    /// A daemon has ended as it was asked to.
    func checkEnd(of process: SimulatedProcess, in store: SimulatedStore) throws(Violation) {
        for hold in hands[process.number] ?? [] where !unanswered.contains(hold) {
            let work = store.work[hold.work]
            guard work.state == .leased, work.fence == hold.fence else { continue }
            throw Violation(
                promise: .endGivesBack, what: "work \(hold.work) is still leased to a daemon that has ended")
        }
    }
}
