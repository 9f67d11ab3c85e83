import FledgeCore
import FledgeDocument
import FledgeTestKit
import Foundation
import Testing

@Suite struct RunCheckerTests {
    private typealias Promise = RunChecker.Violation.Promise

    /// A breach that is planted in a sound record, and the promise that it breaks.
    struct Breach: Sendable, CustomTestStringConvertible {
        var name: String
        var promise: RunChecker.Violation.Promise
        var plant: @Sendable (inout RunRecord) -> Void

        init(
            _ name: String, _ promise: RunChecker.Violation.Promise,
            _ plant: @escaping @Sendable (inout RunRecord) -> Void
        ) {
            self.name = name
            self.promise = promise
            self.plant = plant
        }

        var testDescription: String { name }
    }

    static let breaches: [Breach] = [
        Breach("a hole in the sequence", .linearHistory) { $0.useCases[0].history.remove(at: 1) },
        Breach("an entry that is there twice", .linearHistory) { record in
            record.useCases[0].history.insert(record.useCases[0].history[1], at: 1)
        },
        Breach("an edited entry", .linearHistory) { $0.useCases[0].history[1].actor = "nobody" },
        Breach("an ended cycle that moves on", .linearHistory) { record in
            record.useCases[0].history = rehashed(record.useCases[0].history) { $0[1].cycle = 2 }
        },
        Breach("an edge that is not in the machine's table", .legalEdges) { record in
            record.useCases[0].history = rehashed(record.useCases[0].history) { history in
                let event = CycleEvent.releaseMade(number: 1)
                history[1].event = event.kind.rawValue
                history[1].evidence = CanonicalJSON.text(of: event)
            }
        },
        Breach("an entry that does not start where the one before ended", .linearHistory) { record in
            record.useCases[0].history = rehashed(record.useCases[0].history) { $0.remove(at: 0) }
        },
        Breach("an event that leads elsewhere", .legalEdges) { record in
            record.useCases[0].history = rehashed(record.useCases[0].history) { $0[1].toActivity = .deciding }
        },
        Breach("evidence of another event", .legalEdges) { record in
            record.useCases[0].history = rehashed(record.useCases[0].history) { $0[1].event = "paused" }
        },
        Breach("a state that no transition has led to", .stateFollowsHistory) {
            $0.useCases[0].cycles[0].state.round += 1
        },
        Breach("a transition without its state", .stateFollowsHistory) { $0.useCases[0].cycles[0].state.block = nil },
        Breach("work that is lost", .workFollowsHistory) { $0.useCases[0].cycles[0].work.removeLast() },
        Breach("work that is there twice", .workFollowsHistory) { record in
            record.useCases[0].cycles[0].work.append(record.useCases[0].cycles[0].work[0])
        },
        Breach("work that is never finished", .workIsAccounted) { $0.useCases[0].cycles[0].work[1].state = .leased },
        Breach("a use case that ends elsewhere", .arrives) { $0.useCases[0].expectedEnd = .init(.production, .live) },
        Breach("a use case that has never begun", .arrives) { record in
            record.useCases[0].cycles = []
            record.useCases[0].history = []
        },
        Breach("a sample that nobody was asked for", .sampleHasCall) { $0.calls.removeAll { $0.key == "a" } },
        Breach("a call made again without a reason", .paidOnce) { record in
            record.calls.append(.init(key: "b", daemon: 1, began: at(10), answered: at(11)))
        },
        Breach("a call made again after its answer was kept, by the daemon after a killed one", .paidOnce) { record in
            record.interruptions = [.init(.ended, daemon: 0, from: at(8), to: at(8))]
            record.calls.append(.init(key: "a", daemon: 1, began: at(10), answered: at(11)))
        },
        Breach("a call made again after another daemon was killed", .paidOnce) { record in
            record.samples[0].committed = at(12)
            record.interruptions = [.init(.ended, daemon: 3, from: at(8), to: at(8))]
            record.calls.append(.init(key: "a", daemon: 1, began: at(10), answered: at(11)))
        },
        Breach("two external jobs of one intent", .oneJobAnIntent) { $0.jobs["one-training1"] = 2 },
        Breach("a call above the cap", .spendUnderCap) { $0.useCases[0].paidCalls = 11 },
        Breach("a call above the cap that the provider alone knows of", .spendUnderCap) { record in
            record.useCases[0].spendCap = 12
            record.useCases[0].askedCalls = 13
        },
        Breach("a slot that fired twice", .slotOnce) { $0.firedSlots.append($0.firedSlots[0]) },
        Breach("a slot with two reports", .slotOnce) { $0.reportedSlots.append($0.reportedSlots[0]) },
    ]

    @Test("a sound record breaks no promise")
    func sound() throws {
        let checker = RunChecker(try Self.sound())
        #expect(checker.violations == [])
        #expect(checker.counts.transitions == 3)
        #expect(checker.counts.work == [.done: 3])
        #expect(checker.counts.calls == 2)
        #expect(checker.counts.paidSamples == 2)
    }

    @Test("every planted breach is found", arguments: breaches)
    func found(_ breach: Breach) throws {
        var record = try Self.sound()
        breach.plant(&record)
        #expect(RunChecker(record).violations.map(\.promise).contains(breach.promise))
    }

    @Test("every promise has a breach that is planted")
    func complete() {
        #expect(Set(Self.breaches.map(\.promise)) == Set(RunChecker.Violation.Promise.allCases))
    }

    @Test("a call that was in flight at a kill may be made again, and is counted")
    func repeated() throws {
        var record = try Self.sound()
        record.samples[0].committed = Self.at(12)
        record.interruptions = [.init(.ended, daemon: 0, from: Self.at(8), to: Self.at(8.1))]
        record.calls.append(.init(key: "a", daemon: 1, began: Self.at(10), answered: Self.at(11)))
        let checker = RunChecker(record)
        #expect(checker.violations == [])
        #expect(checker.counts.repeats == [.ended: 1])
        #expect(checker.counts.mostRepeatsAtOnce == 1)
    }

    @Test("what a stalled daemon keeps late may have been asked again meanwhile")
    func stalled() throws {
        var record = try Self.sound()
        record.samples[0].committed = Self.at(9)
        record.interruptions = [.init(.stalled, daemon: nil, from: Self.at(5), to: Self.at(9))]
        record.calls.append(.init(key: "a", daemon: 1, began: Self.at(10), answered: Self.at(11)))
        let checker = RunChecker(record)
        #expect(checker.violations == [])
        #expect(checker.counts.repeats == [.stalled: 1])
    }

    @Test("a daemon that was stalled may go on for a moment with work that is another's")
    func unaware() throws {
        var record = try Self.sound()
        record.interruptions = [.init(.stalled, daemon: 1, from: Self.at(0), to: Self.at(10.5))]
        record.calls.append(.init(key: "a", daemon: 1, began: Self.at(10), answered: Self.at(11)))
        #expect(RunChecker(record).violations == [])
        record.calls.append(.init(key: "b", daemon: 1, began: Self.at(11), answered: Self.at(12)))
        #expect(RunChecker(record).violations.map(\.promise) == [.paidOnce])
    }

    @Test("work of a use case that is under way may be open")
    func underWay() throws {
        var record = try Self.sound()
        record.useCases[0].cycles[0].work[2].state = .queued
        record.useCases[0].expectedEnd = .init(.production, .live)
        record.isDrained = false
        #expect(RunChecker(record).violations == [])
    }

    // MARK: - A sound record

    private static func at(_ seconds: Double) -> Date { Date(timeIntervalSince1970: 1_700_000_000 + seconds) }

    /// One use case, from its start to a gate that could not be judged.
    private static func sound() throws -> RunRecord {
        var machine = CycleMachine(needsApproval: false)
        let events: [CycleEvent] = [
            .started, .candidateChosen(Digest(of: "candidate")),
            .workFailed(code: "gate.broken", message: "the gate broke"),
        ]
        var history: [HistoryEntry] = []
        var work: [RunRecord.Work] = []
        for event in events {
            let before = machine.state
            work += try machine.handle(event).actions.map { RunRecord.Work($0.kind.rawValue, .done) }
            history.append(
                HistoryEntry(
                    sequence: history.count + 1, cycle: 1, at: at(Double(history.count)), event: event.kind.rawValue,
                    fromStage: before.stage, fromActivity: before.activity, toStage: machine.state.stage,
                    toActivity: machine.state.activity, actor: "fledged", evidence: CanonicalJSON.text(of: event),
                    previousHash: "", hash: ""))
        }
        var record = RunRecord()
        record.useCases = [
            .init(
                name: "one", history: rehashed(history) { _ in },
                cycles: [.init(number: 1, state: machine.state, work: work)],
                expectedEnd: .init(.validation, .judging, block: "gate.broken"), callCap: 10, paidCalls: 10)
        ]
        record.samples = ["a", "b"].map { .init(key: $0, committed: at(2), isPaid: true) }
        record.calls = ["a", "b"].map { .init(key: $0, daemon: 0, began: at(1), answered: at(1.5)) }
        record.jobs = ["one-training1": 1, "one-training2": 1]
        record.firedSlots = [.init(schedule: 1, slot: "03:00"), .init(schedule: 1, slot: "04:00")]
        record.reportedSlots = record.firedSlots
        return record
    }

    /// A history whose chain holds after the change: somebody who can write can also hash.
    private static func rehashed(
        _ history: [HistoryEntry], _ change: (inout [HistoryEntry]) -> Void
    ) -> [HistoryEntry] {
        var history = history
        change(&history)
        var previous = TransitionHash.origin
        for index in history.indices {
            history[index].sequence = index + 1
            history[index].previousHash = previous
            history[index].hash = TransitionHash.hash(of: history[index]).rawValue
            previous = history[index].hash
        }
        return history
    }
}
