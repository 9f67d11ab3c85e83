import FledgeCore
import Foundation

/// Proves of a run's record that nothing was lost, doubled or overshot, or says what was.
package struct RunChecker: Sendable {
    /// One broken promise.
    package struct Violation: Sendable, Hashable, CustomStringConvertible {
        package enum Promise: String, Sendable, CaseIterable {
            case linearHistory = "linear-history"
            case legalEdges = "legal-edges"
            case stateFollowsHistory = "state-follows-history"
            case workFollowsHistory = "work-follows-history"
            case workIsAccounted = "work-is-accounted"
            case arrives
            case sampleHasCall = "sample-has-call"
            case paidOnce = "paid-once"
            case oneJobAnIntent = "one-job-an-intent"
            case spendUnderCap = "spend-under-cap"
            case slotOnce = "slot-once"
        }
        package var promise: Promise
        /// The use case, intent or question that it is about.
        package var about: String
        package var what: String

        package var description: String { "\(promise.rawValue): \(about): \(what)" }
    }

    /// What was counted on the way.
    package struct Counts: Sendable {
        package var transitions = 0
        package var work: [RunRecord.Work.State: Int] = [:]
        package var calls = 0
        package var paidSamples = 0
        /// Calls that were made again, by what had happened to the daemon that made them first.
        package var repeats: [RunRecord.Interruption.Kind: Int] = [:]
        /// The most calls that one interruption has led to being made again.
        package var mostRepeatsAtOnce = 0
        package var jobs = 0
        package var slots = 0
        /// The most calls that a use case with a cap has made, as its provider counts them.
        package var mostCappedCalls = 0
    }

    package private(set) var violations: [Violation] = []
    package private(set) var counts = Counts()

    package init(_ record: RunRecord) {
        for useCase in record.useCases {
            checkHistory(useCase)
            for cycle in useCase.cycles { checkCycle(cycle, of: useCase, isDrained: record.isDrained) }
            checkEnd(useCase, isDrained: record.isDrained)
            if let cap = useCase.callCap, useCase.paidCalls > cap {
                add(.spendUnderCap, useCase.name, "\(useCase.paidCalls) calls of \(cap) were made")
            }
            if let cap = useCase.spendCap {
                counts.mostCappedCalls = max(counts.mostCappedCalls, useCase.askedCalls)
                if useCase.askedCalls > cap {
                    add(.spendUnderCap, useCase.name, "its provider counts \(useCase.askedCalls) calls of \(cap)")
                }
            }
        }
        checkCalls(record)
        for (intent, count) in record.jobs.sorted(by: { $0.key < $1.key }) {
            counts.jobs += count
            if count > 1 { add(.oneJobAnIntent, intent, "\(count) external jobs") }
        }
        checkSlots(record.firedSlots, "fired")
        checkSlots(record.reportedSlots, "reported")
        counts.slots = record.firedSlots.count
    }

    private mutating func add(_ promise: Violation.Promise, _ about: String, _ what: String) {
        violations.append(Violation(promise: promise, about: about, what: what))
    }

    // MARK: - History

    /// One line without holes, whose hashes hold.
    private mutating func checkHistory(_ useCase: RunRecord.UseCase) {
        counts.transitions += useCase.history.count
        for (index, entry) in useCase.history.enumerated() where entry.sequence != index + 1 {
            return add(.linearHistory, useCase.name, "entry \(index + 1) has sequence \(entry.sequence)")
        }
        if let broken = TransitionHash.firstBroken(in: useCase.history) {
            add(.linearHistory, useCase.name, "the hash of entry \(broken) does not hold")
        }
        let cycles = useCase.history.map(\.cycle)
        if cycles != cycles.sorted() { add(.linearHistory, useCase.name, "an ended cycle has moved on") }
    }

    /// The recorded events, taken through the machine again, have to lead where the record says, and to its work.
    private mutating func checkCycle(_ cycle: RunRecord.Cycle, of useCase: RunRecord.UseCase, isDrained: Bool) {
        let about = "\(useCase.name) cycle \(cycle.number)"
        var machine = CycleMachine(needsApproval: cycle.needsApproval)
        var asked: [String] = []
        for entry in useCase.history where entry.cycle == cycle.number {
            let before = CycleMachine.Place(machine.state.stage, machine.state.activity)
            if before != CycleMachine.Place(entry.fromStage, entry.fromActivity) {
                return add(.linearHistory, about, "entry \(entry.sequence) does not start where the one before ended")
            }
            guard let event = try? JSONDecoder().decode(CycleEvent.self, from: Data(entry.evidence.utf8)),
                event.kind.rawValue == entry.event
            else { return add(.legalEdges, about, "entry \(entry.sequence) does not say what happened") }
            do {
                asked += try machine.handle(event).actions.map(\.kind.rawValue)
            } catch {
                return add(.legalEdges, about, "entry \(entry.sequence): \(error.message)")
            }
            let after = CycleMachine.Place(machine.state.stage, machine.state.activity)
            if after != CycleMachine.Place(entry.toStage, entry.toActivity) {
                let to = "\(entry.toStage.rawValue)/\(entry.toActivity.rawValue)"
                return add(.legalEdges, about, "entry \(entry.sequence): \(entry.event) does not lead to \(to)")
            }
        }
        if machine.state != cycle.state {
            add(
                .stateFollowsHistory, about,
                "it stands in \(Self.name(cycle.state)), and its history leads to \(Self.name(machine.state))")
        }
        let made = cycle.work.map(\.kind)
        if made != asked { add(.workFollowsHistory, about, "its history asks for \(asked), and it has \(made)") }
        for work in cycle.work {
            counts.work[work.state, default: 0] += 1
            if isDrained, work.state == .queued || work.state == .leased {
                add(.workIsAccounted, about, "\(work.kind) is still \(work.state.rawValue)")
            }
        }
    }

    private mutating func checkEnd(_ useCase: RunRecord.UseCase, isDrained: Bool) {
        guard isDrained, let expected = useCase.expectedEnd else { return }
        guard let state = useCase.cycles.last?.state else { return add(.arrives, useCase.name, "it has no cycle") }
        let end = RunRecord.End(state.stage, state.activity, block: state.block?.code)
        if end != expected {
            add(
                .arrives, useCase.name,
                "it stands in \(Self.name(state)), not in \(expected.stage.rawValue)/\(expected.activity.rawValue)"
                    + (expected.block.map { " (\($0))" } ?? ""))
        }
    }

    private static func name(_ state: CycleState) -> String {
        let block = state.block.map { " (\($0.code): \($0.message))" } ?? ""
        return "\(state.stage.rawValue)/\(state.activity.rawValue)\(block) round \(state.round)"
    }

    // MARK: - Calls

    /// A call may be made again only when the daemon that made it was interrupted before it could know that its answer is
    /// kept; and never once the answer is kept, unless the one that kept it had been stalled and came back.
    private mutating func checkCalls(_ record: RunRecord) {
        counts.calls = record.calls.count
        let samples = Dictionary(record.samples.filter(\.isPaid).map { ($0.key, $0.committed) }) { min($0, $1) }
        counts.paidSamples = record.samples.count(where: \.isPaid)
        let calls = Dictionary(grouping: record.calls, by: \.key)
        for key in samples.keys.sorted() where calls[key] == nil {
            add(.sampleHasCall, Self.short(key), "it is recorded as paid, and nobody was asked")
        }
        let causesOf = Causes(record.interruptions)
        var repeatsOf: [Int: Int] = [:]
        for (key, calls) in calls where calls.count > 1 {
            // What is no sample (a golden question, asked of a fresh adapter) is asked again with the work that asks it.
            guard let committed = samples[key] else { continue }
            let calls = calls.sorted { $0.began < $1.began }
            for (earlier, later) in zip(calls, calls.dropFirst()) {
                let causes = causesOf.between(earlier, later)
                guard let cause = causes.first else {
                    add(.paidOnce, Self.short(key), "daemon \(later.daemon) asked again, and nothing had gone wrong")
                    continue
                }
                let isStalled = causes.contains { record.interruptions[$0].kind == .stalled }
                if committed < later.began, !isStalled {
                    add(.paidOnce, Self.short(key), "daemon \(later.daemon) asked again what was recorded")
                    continue
                }
                counts.repeats[isStalled ? .stalled : .ended, default: 0] += 1
                repeatsOf[cause, default: 0] += 1
            }
        }
        counts.mostRepeatsAtOnce = repeatsOf.values.max() ?? 0
    }

    /// The interruptions by daemon, in the order of their beginnings: a long run has tens of thousands.
    private struct Causes {
        private let interruptions: [RunRecord.Interruption]
        private var ofDaemon: [Int: [Int]] = [:]
        private var longest: TimeInterval = 0
        private static let everyDaemon = Int.min

        init(_ interruptions: [RunRecord.Interruption]) {
            self.interruptions = interruptions
            for index in interruptions.indices.sorted(by: { interruptions[$0].from < interruptions[$1].from }) {
                let interruption = interruptions[index]
                ofDaemon[interruption.daemon ?? Self.everyDaemon, default: []].append(index)
                longest = max(longest, interruption.to.timeIntervalSince(interruption.from))
            }
        }

        /// What was done to the daemon of the earlier call from its beginning to that of the later one, and the stall in
        /// which the later call was made: its daemon has lost the work and does not know it yet.
        func between(_ earlier: CallLedger.Call, _ later: CallLedger.Call) -> [Int] {
            of(earlier.daemon, from: earlier.began, to: later.began)
                + of(later.daemon, from: later.began, to: later.began).filter { interruptions[$0].kind == .stalled }
        }

        private func of(_ daemon: Int, from: Date, to: Date) -> [Int] {
            [daemon, Self.everyDaemon].flatMap { daemon -> [Int] in
                let indices = ofDaemon[daemon] ?? []
                var low = 0
                var high = indices.count
                while low < high {
                    let middle = (low + high) / 2
                    if interruptions[indices[middle]].from <= to { low = middle + 1 } else { high = middle }
                }
                return indices[..<low].reversed()
                    .prefix { interruptions[$0].from.addingTimeInterval(longest) >= from }
                    .filter { interruptions[$0].to >= from }
            }
        }
    }

    private static func short(_ key: String) -> String {
        String(key.split(separator: "\n").last?.prefix(60) ?? "")
    }

    private mutating func checkSlots(_ slots: [RunRecord.Slot], _ what: String) {
        for (slot, count) in Dictionary(slots.map { ($0, 1) }, uniquingKeysWith: +) where count > 1 {
            add(.slotOnce, "schedule \(slot.schedule)", "the slot \(slot.slot) was \(what) \(count) times")
        }
    }
}
