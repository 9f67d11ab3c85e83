import FledgeCore
import FledgeDocument
import Foundation
import Testing

@Suite("What a cycle's history comes to")
struct CountedHistoryTests {
    private static let plain = Digest(of: "plain")
    private static let tuned = Digest(of: "tuned")
    /// Another than `plain` that people see as the same.
    private static let neighbour = Digest(
        rawValue: plain.rawValue.dropLast() + (plain.rawValue.hasSuffix("0") ? "1" : "0"))

    /// Ways through the machine, each as far as it goes.
    private static let ways: [[CycleEvent]] = [
        [],
        [
            .started, .roundFinished, .roundFinished, .candidateChosen(plain), .gateJudged(.failed, plain),
            .decisionMade(.keepPrototyping), .paused, .candidateChosen(plain), .resumed, .gateJudged(.failed, plain),
            .decisionMade(.fineTune), .trainingFailed(code: "training.failed", message: "x"), .retried,
            .trainingFinished(tuned), .candidateChosen(tuned), .gateJudged(.error, tuned), .retried,
            .gateJudged(.passed, tuned), .decisionMade(.promote), .releaseMade(number: 1),
            .championMoved(from: nil, to: 1, reason: "released"), .driftSeen("drift"), .candidateChosen(plain),
        ],
        [
            .started, .candidateChosen(plain), .gateJudged(.passed, plain), .decisionMade(.fineTune),
            .workFailed(code: "adapter.golden_mismatch", message: "x"), .retried, .cancelled, .retried,
            .earlierPromoted(plain), .releaseMade(number: 1), .retired,
        ],
        [.started, .workFailed(code: "model.unreachable", message: "x"), .retried, .paused],
        [.started, .candidateChosen(plain), .gateJudged(.inconclusive, plain), .decisionMade(.needsData)],
        [.started, .candidateChosen(plain), .gateJudged(.failed, plain), .decisionMade(.stop), .retried],
        [.started, .candidateChosen(plain), .gateJudged(.failed, plain), .decisionMade(.stop), .superseded(by: 2)],
    ]

    /// What the machine makes of the events, and the history that is recorded of it, behind one of another cycle.
    private static func walk(_ events: [CycleEvent]) throws -> (states: [CycleState], history: [HistoryEntry]) {
        var machine = CycleMachine(needsApproval: false)
        var states = [machine.state]
        var history = [entry(.started, .new, .new, sequence: 1, cycle: 1)]
        for event in events {
            let before = machine.state
            _ = try machine.handle(event)
            history.append(entry(event, before, machine.state, sequence: history.count + 1, cycle: 2))
            states.append(machine.state)
        }
        return (states, history)
    }

    private static func entry(
        _ event: CycleEvent, _ from: CycleState, _ to: CycleState, sequence: Int, cycle: Int
    ) -> HistoryEntry {
        HistoryEntry(
            sequence: sequence, cycle: cycle, at: Date(timeIntervalSince1970: 0), event: event.kind.rawValue,
            fromStage: from.stage, fromActivity: from.activity, toStage: to.stage, toActivity: to.activity, actor: "a",
            evidence: RecordedEvent.text(of: event), previousHash: "", hash: "")
    }

    /// As a build wrote it whose transitions say no rules, or others.
    private static func written(_ history: [HistoryEntry], byRules rules: Int?) -> [HistoryEntry] {
        history.map { entry in
            var entry = entry
            let number = "\"rules\":\(CycleState.rules)"
            entry.evidence =
                rules.map { entry.evidence.replacing(number, with: "\"rules\":\($0)") }
                ?? entry.evidence.replacing(number + ",", with: "").replacing("," + number, with: "")
            return entry
        }
    }

    @Test("what is recorded says by which rules it counts, and a build that knows no rules reads the same event")
    func recorded() throws {
        #expect(RecordedEvent.text(of: .started) == #"{"rules":1,"started":{}}"#)
        for event in Self.ways.joined() {
            let text = RecordedEvent.text(of: event)
            #expect(try JSONDecoder().decode(CycleEvent.self, from: Data(text.utf8)) == event)
            let read = try #require(RecordedEvent(text))
            #expect(read.event == event && read.rules == CycleState.rules)
            #expect(RecordedEvent(CanonicalJSON.text(of: event))?.rules == nil)
        }
    }

    @Test(
        "where one event was counted by no known rules or by older ones, a difference is nobody's word",
        arguments: [nil, 0])
    func older(rules: Int?) throws {
        for events in Self.ways where !events.isEmpty {
            let (states, history) = try Self.walk(events)
            let whole = try #require(CountedHistory(history, of: 2, upTo: .max))
            #expect(whole.isByTheseRules)
            // One of before is enough, and one of another cycle does nothing.
            let first = Self.written(Array(history.prefix(2)), byRules: rules) + history.dropFirst(2)
            let counted = try #require(CountedHistory(first, of: 2, upTo: .max))
            #expect(!counted.isByTheseRules && counted.state == states.last)
            let other = Self.written(Array(history.prefix(1)), byRules: rules) + history.dropFirst(1)
            #expect(try #require(CountedHistory(other, of: 2, upTo: .max)).isByTheseRules)
        }
    }

    @Test("what a newer version counted by its own rules is for that version to count")
    func newerRules() throws {
        let (_, history) = try Self.walk(Self.ways[3])
        #expect(CountedHistory(Self.written(history, byRules: CycleState.rules + 1), of: 2, upTo: .max) == nil)
    }

    /// Whoever changes what one of these comes to raises `CycleState.rules`, and writes the new numbers here.
    @Test(
        "the rules of number 1 are these",
        arguments: [
            ([.started, .roundFinished, .candidateChosen(plain)], [2, 1, 0]),
            (
                [.started, .candidateChosen(plain), .gateJudged(.failed, plain), .decisionMade(.keepPrototyping)],
                [2, 1, 0]
            ),
            ([.trainingFinished(plain), .candidateChosen(plain)], [0, 1, 0]),
            ([.decisionMade(.fineTune), .trainingFailed(code: "training.failed", message: ""), .retried], [0, 0, 2]),
            ([.decisionMade(.fineTune), .trainingFailed(code: "training.unknown", message: ""), .retried], [0, 0, 1]),
            (
                [.decisionMade(.fineTune), .workFailed(code: "adapter.golden_mismatch", message: ""), .retried],
                [0, 0, 1]
            ),
            ([.decisionMade(.fineTune), .workFailed(code: "adapter.no_effect", message: ""), .retried], [0, 0, 1]),
            (
                [.decisionMade(.fineTune), .workFailed(code: "adapter.base_disturbed", message: ""), .retried],
                [0, 0, 1]
            ),
            ([.decisionMade(.fineTune), .cancelled, .retried], [0, 0, 2]),
            ([.started, .candidateChosen(plain), .earlierPromoted(plain), .driftSeen("drift")], [1, 0, 0]),
        ] as [([CycleEvent], [Int])])
    func rules(events: [CycleEvent], counts: [Int]) {
        #expect(CycleState.rules == 1)
        var state = CycleState(stage: .fineTune, activity: .training)
        for event in events { state.remember(event) }
        #expect([state.round, state.looks, state.trainings] == counts)
    }

    @Test("is what the machine came to, after each event", arguments: ways)
    func agrees(events: [CycleEvent]) throws {
        let (states, history) = try Self.walk(events)
        for (index, state) in states.enumerated() {
            let counted = try #require(CountedHistory(history, of: 2, upTo: index + 1))
            #expect(counted.differences(from: state) == [])
            #expect(counted.state == state)
        }
    }

    @Test("whatever of a cycle's row was edited is named with both values")
    func edited() throws {
        let (states, history) = try Self.walk(Self.ways[1])
        let counted = try #require(CountedHistory(history, of: 2, upTo: .max))
        let edits: [(String, @Sendable (inout CycleState) -> Void)] = [
            ("round 7, 1 by its history", { $0.round = 7 }), ("looks 0, 1 by its history", { $0.looks = 0 }),
            ("trainings 2, 0 by its history", { $0.trainings = 2 }),
            ("candidate \(Self.tuned.short), \(Self.plain.short) by its history", { $0.candidate = Self.tuned }),
            (
                "candidate \(Self.plain.short), \(Self.plain.short) by its history", { $0.candidate = Self.neighbour }
            ),
            ("paused true, false by its history", { $0.isPaused = true }),
            ("block x, none by its history", { $0.block = .init(code: "x", message: "") }),
        ]
        for (words, edit) in edits {
            var state = try #require(states.last)
            edit(&state)
            #expect(counted.differences(from: state) == [words])
        }
    }

    @Test("a look's candidate and the trainings before it are known")
    func figures() throws {
        let (_, history) = try Self.walk(Array(Self.ways[1].prefix(20)))
        let counted = try #require(CountedHistory(history, of: 2, upTo: .max))
        #expect(counted.allows(Self.plain, atLook: 1) && !counted.allows(Self.tuned, atLook: 1))
        #expect(counted.allows(Self.tuned, atLook: 3) && !counted.allows(Self.plain, atLook: 3))
        #expect(counted.allows(trainings: 0, atLook: 2) && !counted.allows(trainings: 1, atLook: 2))
        #expect(counted.allows(trainings: 2, atLook: 3) && !counted.allows(trainings: 1, atLook: 3))
    }

    @Test("an event that only a newer version knows leaves it unknown")
    func newer() throws {
        var (_, history) = try Self.walk(Self.ways[3])
        history[2].evidence = #"{"hibernated":{}}"#
        #expect(CountedHistory(history, of: 2, upTo: .max) == nil)
        #expect(CountedHistory(history, of: 2, upTo: 2) != nil, "what comes later does not count")
    }
}
