import FledgeCore

/// Looks at the store before and after each operation and says which promise was broken.
///
/// It believes nothing that the store says: what may change is worked out from the operation and from what the rows were
/// before, and the state of each cycle is kept by the checker itself, from the moves that were recorded.
package struct SimulationChecker: Sendable {
    package enum Promise: String, Sendable, CaseIterable {
        /// One line without holes for each use case, each entry beginning where the one before ended.
        case linearHistory = "linear-history"
        case legalEdges = "legal-edges"
        /// One open cycle at most, each on a newer revision that asks for other evidence than the one before.
        case oneCycleARevision = "one-cycle-a-revision"
        case oneLeaseACycle = "one-lease-a-cycle"
        /// A lease is taken over when it has run out, and not before; paused and future work is left alone.
        case leaseHolds = "lease-holds"
        case orderInCycle = "order-in-cycle"
        /// A worker that has lost its work changes nothing.
        case fenceHolds = "fence-holds"
        /// Each action of each transition is one piece of work, and each piece ends once.
        case workFollowsHistory = "work-follows-history"
        /// A cycle that waits for work has work.
        case nothingStranded = "nothing-stranded"
        /// A cycle that has given way to a newer revision says so in the history, and leaves no work behind: neither open nor
        /// dead, since nobody could ask for that again.
        case supersededLeavesNoWork = "superseded-leaves-no-work"
        case attemptsBounded = "attempts-bounded"
        /// A worker stops before what it works on may be another's.
        case lostWorkStops = "lost-work-stops"
        /// A daemon that ends as it is asked to leaves no work behind that waits for its lease to run out.
        case endGivesBack = "end-gives-back"
        /// A slot of a report schedule is fired by whoever is there, and once.
        case slotsFireOnce = "slots-fire-once"
        case oneJobAnIntent = "one-job-an-intent"
        /// A story with a known end comes to it.
        case knownEnd = "known-end"
        /// When the faults stop, the fleet comes to rest.
        case comesToRest = "comes-to-rest"
    }

    package struct Violation: Error, Sendable, Hashable, CustomStringConvertible {
        package var promise: Promise
        package var what: String
        package var description: String { "\(promise.rawValue): \(what)" }
    }

    private var work: [SimulatedStore.Work] = []
    private var states: [CycleState] = []
    private var versions: [Int64] = []
    /// What each cycle's evidence is for.
    private var evidence: [Int] = []
    private var historyCounts: [Int]
    /// The first place of a cycle's history after which its next entry has to begin.
    private var lastCycleOf: [Int]

    package init(useCases: Int) {
        historyCounts = Array(repeating: 0, count: useCases)
        lastCycleOf = Array(repeating: -1, count: useCases)
    }

    /// - Throws: the first promise that the operation has broken.
    package mutating func check(
        _ operation: StoreOperation, _ result: StoreResult, in store: SimulatedStore, at now: SimulatedStore.Time
    ) throws(Violation) {
        try checkCycles(operation, result, in: store)
        try checkWork(operation, result, in: store, at: now)
        work = store.work
    }

    // MARK: Cycles and history

    private mutating func checkCycles(
        _ operation: StoreOperation, _ result: StoreResult, in store: SimulatedStore
    ) throws(Violation) {
        if case .record(let move, _) = operation, result == .done {
            try checkMove(move, in: store)
        } else if case .openCycle(let useCase) = operation, case .opened(let cycle) = result, cycle == states.count {
            try checkOpening(of: cycle, useCase: useCase, in: store)
        } else if case .apply(let useCase, let definition) = operation, result == .applied(isNew: true) {
            try checkApplied(definition, to: useCase, in: store)
        } else if case .moveChampion(let useCase) = operation, result == .held(true),
            let current = store.useCases[useCase].current
        {
            try noted(.championMoved, of: current, in: store)
        }
        guard store.cycles.count == states.count else {
            throw Violation(promise: .oneCycleARevision, what: "a cycle appeared by itself")
        }
        for (useCase, row) in store.useCases.enumerated() where row.history.count != historyCounts[useCase] {
            throw Violation(promise: .linearHistory, what: "use case \(useCase) has an entry that nobody recorded")
        }
    }

    private mutating func checkMove(_ move: Move, in store: SimulatedStore) throws(Violation) {
        let row = store.cycles[move.cycle]
        let history = store.useCases[row.useCase].history
        historyCounts[row.useCase] += 1
        guard let entry = history.last, history.count == historyCounts[row.useCase], entry.sequence == history.count
        else { throw Violation(promise: .linearHistory, what: "use case \(row.useCase) has a hole in its history") }
        guard move.from == states[move.cycle], row.version == versions[move.cycle] + 1 else {
            throw Violation(
                promise: .linearHistory,
                what: "\(entry.event.rawValue) of cycle \(move.cycle) was worked out from another state")
        }
        guard CycleMachine.moves.contains(.init(from: entry.from, event: entry.event, to: entry.to)) else {
            throw Violation(promise: .legalEdges, what: "\(entry.event.rawValue) is no edge of \(entry.from)")
        }
        guard entry.cycle >= lastCycleOf[row.useCase] else {
            throw Violation(promise: .linearHistory, what: "cycle \(entry.cycle) has ended and moved on")
        }
        lastCycleOf[row.useCase] = entry.cycle
        states[move.cycle] = move.to
        versions[move.cycle] = row.version
    }

    /// A cycle that has the evidence for a new revision takes it, whatever it stands at; any other is left alone.
    private mutating func checkApplied(
        _ definition: SimulatedStore.Definition, to useCase: Int, in store: SimulatedStore
    ) throws(Violation) {
        guard let current = store.useCases[useCase].current, evidence[current] == definition.evidence else { return }
        guard store.cycles[current].definition == definition,
            store.cycles[current].revision == store.useCases[useCase].revisions.count
        else {
            throw Violation(
                promise: .oneCycleARevision,
                what: "an edit of use case \(useCase) that asks for no new evidence waits for a cycle of its own")
        }
        try noted(.revisionAdopted, of: current, in: store)
    }

    private mutating func noted(
        _ event: CycleEvent.Kind, of cycle: Int, in store: SimulatedStore
    ) throws(Violation) {
        try checkNote(event, of: cycle, after: states[cycle], version: versions[cycle], in: store)
        versions[cycle] += 1
        let row = store.cycles[cycle]
        guard row.isOpen || event.endsCycle else { return }
        historyCounts[row.useCase] += 1
        lastCycleOf[row.useCase] = cycle
    }

    private mutating func checkOpening(
        of cycle: Int, useCase: Int, in store: SimulatedStore
    ) throws(Violation) {
        let row = store.cycles[cycle]
        // First, since what follows a broken promise is looked at as well.
        states.append(row.state)
        versions.append(row.version)
        evidence.append(row.definition.evidence)
        for (other, earlier) in store.cycles.enumerated() where other != cycle && earlier.useCase == useCase {
            guard !earlier.isOpen, earlier.revision < row.revision else {
                throw Violation(
                    promise: .oneCycleARevision,
                    what: "cycle \(cycle) of use case \(useCase) repeats revision \(row.revision) of cycle \(other)")
            }
            if other == lastCycle(of: useCase, before: cycle, in: store), evidence[other] == row.definition.evidence {
                throw Violation(
                    promise: .oneCycleARevision, what: "cycle \(cycle) gathers the evidence of cycle \(other) again")
            }
            // One that ended by a retirement has ended itself.
            if states[other].stage != .retired, other == lastCycle(of: useCase, before: cycle, in: store) {
                try noted(.superseded, of: other, in: store)
                try checkGivenWay(other, in: store)
            }
        }
    }

    private func lastCycle(of useCase: Int, before cycle: Int, in store: SimulatedStore) -> Int? {
        store.cycles[..<cycle].lastIndex { $0.useCase == useCase }
    }

    // MARK: Work

    private func checkWork(
        _ operation: StoreOperation, _ result: StoreResult, in store: SimulatedStore, at now: SimulatedStore.Time
    ) throws(Violation) {
        var isAsked = 0
        if case .record(let move, _) = operation, result == .done { isAsked = move.changes.actions.count }
        guard store.work.count == work.count + isAsked else {
            throw Violation(
                promise: .workFollowsHistory,
                what: "\(isAsked) actions made \(store.work.count - work.count) pieces of work")
        }
        for id in work.indices where store.work[id] != work[id] {
            guard !result.hasRefused else {
                throw Violation(promise: .fenceHolds, what: "\(operation) was refused and changed work \(id)")
            }
            try checkChange(of: id, by: operation, from: work[id], to: store.work[id], in: store, at: now)
        }
        switch operation {
        case .record(let move, let hold):
            if result == .done { try checkRecorded(move, hold, in: store) }
        case .claim:
            if case .claimed(let pieces) = result { try checkClaims(pieces, in: store, at: now) }
        case .finish(let hold), .bury(let hold): try checkStranded(store.work[hold.work].cycle, in: store)
        case .openCycle, .apply, .moveChampion, .renew, .release, .revive, .openJob, .recordSubmission: break
        }
    }

    private func checkRecorded(_ move: Move, _ hold: Hold?, in store: SimulatedStore) throws(Violation) {
        for (offset, action) in move.changes.actions.enumerated() where store.actions[work.count + offset] != action {
            throw Violation(promise: .workFollowsHistory, what: "the work of \(action) is of another kind")
        }
        if let hold {
            guard work[hold.work].state == .leased, work[hold.work].fence == hold.fence else {
                throw Violation(
                    promise: .fenceHolds, what: "work \(hold.work) was recorded by a worker that had lost it")
            }
            guard !store.work[hold.work].isOpen else {
                throw Violation(promise: .workFollowsHistory, what: "work \(hold.work) is recorded and still open")
            }
        }
        try checkStranded(move.cycle, in: store)
    }

    /// A cycle waits for work if and only if there is some that moves it on.
    private func checkStranded(_ cycle: Int, in store: SimulatedStore) throws(Violation) {
        let row = store.cycles[cycle]
        var working = 0
        for (id, item) in store.work.enumerated() where item.cycle == cycle && item.isOpen {
            if store.actions[id].kind != .notify { working += 1 }
        }
        if row.isOpen, row.state.waitsForWork, working == 0 {
            throw Violation(promise: .nothingStranded, what: "cycle \(cycle) waits for work, and there is none")
        }
        if working > (row.isOpen && row.state.waitsForWork ? 1 : 0) {
            throw Violation(
                promise: .workFollowsHistory,
                what:
                    "cycle \(cycle) is in \(row.state.activity.rawValue) (\(row.state.block?.code ?? "not blocked")) with \(working) pieces of work for its stage"
            )
        }
    }

    private func checkClaims(
        _ claimed: [Claimed], in store: SimulatedStore, at now: SimulatedStore.Time
    ) throws(Violation) {
        for piece in claimed {
            var leased = 0
            for (id, item) in store.work.enumerated() where item.cycle == piece.cycle {
                if item.state == .leased { leased += 1 }
                guard id < piece.hold.work, work[piece.hold.work].state == .queued else { continue }
                if work[id].state == .queued, work[id].runAt <= now {
                    throw Violation(
                        promise: .orderInCycle, what: "work \(piece.hold.work) was claimed before \(id) of its cycle")
                }
            }
            if leased > 1 {
                throw Violation(promise: .oneLeaseACycle, what: "cycle \(piece.cycle) has \(leased) pieces leased")
            }
        }
    }

    /// When a person is told that a definition is applied.
    package func checkApplied(_ useCase: Int, in store: SimulatedStore) throws(Violation) {
        let revisions = store.useCases[useCase].revisions.count
        if let current = store.useCases[useCase].current {
            let row = store.cycles[current]
            if row.isOpen || row.revision == revisions { return }
        }
        throw Violation(
            promise: .nothingStranded,
            what: "revision \(revisions) of use case \(useCase) is applied and starts nothing")
    }

    /// At the end, when nothing is due any more and nobody is at work.
    package func checkRest(_ store: SimulatedStore) throws(Violation) {
        for (index, useCase) in store.useCases.enumerated() {
            guard let current = useCase.current else {
                if useCase.revisions.isEmpty { continue }
                throw Violation(promise: .nothingStranded, what: "use case \(index) has a revision and no cycle")
            }
            let row = store.cycles[current]
            if row.isOpen, row.state == .new {
                throw Violation(promise: .nothingStranded, what: "cycle \(current) was opened and never started")
            }
            // A revision that waited for a cycle that was then retired is not wanted any more.
            if row.revision < useCase.revisions.count, row.state.hasArrived, row.isOpen, !row.state.isPaused {
                throw Violation(
                    promise: .nothingStranded,
                    what: "revision \(useCase.revisions.count) of use case \(index) waits for nobody")
            }
            try checkStranded(current, in: store)
        }
        for (cycle, row) in store.cycles.enumerated() where !row.isOpen && row.state.stage != .retired {
            try checkGivenWay(cycle, in: store)
        }
        for (id, item) in store.work.enumerated() where item.isOpen && !store.cycles[item.cycle].state.isPaused {
            throw Violation(promise: .comesToRest, what: "work \(id) is still open")
        }
    }
}
