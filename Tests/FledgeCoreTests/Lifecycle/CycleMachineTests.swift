import FledgeCore
import Testing

@Suite("The stage machine")
struct CycleMachineTests {
    private static let candidate = Digest(of: "candidate")

    /// One event of every kind, and one for each verdict of a gate.
    static let events: [CycleEvent] = [
        .started, .roundFinished, .candidateChosen(candidate), .gateJudged(.passed, candidate),
        .gateJudged(.failed, candidate),
        .gateJudged(.inconclusive, candidate), .gateJudged(.error, candidate), .decisionMade(.promote),
        .earlierPromoted(candidate),
        .decisionMade(.fineTune),
        .decisionMade(.keepPrototyping), .decisionMade(.needsData), .decisionMade(.stop), .trainingFinished(candidate),
        .trainingFailed(code: "c", message: "m"), .approvalGiven, .approvalRefused(reason: "r"),
        .releaseMade(number: 1),
        .workFailed(code: "c", message: "m"), .cancelled, .driftSeen("d"), .paused, .resumed, .retried, .retired,
        .revisionAdopted(from: 1, to: 2, needsApproval: true), .championMoved(from: nil, to: 1, reason: "r"),
        .superseded(by: 2),
    ]

    /// What tells states apart for the table: counters only count.
    private struct Shape: Hashable {
        let stage: Stage
        let activity: Activity
        let isPaused: Bool
        let isBlocked: Bool
        let hasCandidate: Bool

        init(_ state: CycleState) {
            stage = state.stage
            activity = state.activity
            isPaused = state.isPaused
            isBlocked = state.block != nil
            hasCandidate = state.candidate != nil
        }
    }

    /// What may happen anywhere: which of it a state takes is said apart from the table, in a test of its own.
    private static let overlays: Set<CycleEvent.Kind> = [
        .paused, .resumed, .retried, .retired, .workFailed, .gateError, .cancelled, .revisionAdopted, .championMoved,
        .superseded,
    ]

    static func reachable(needsApproval: Bool) -> [CycleState] {
        var found: [Shape: CycleState] = [Shape(.new): .new]
        var open = [CycleState.new]
        while let state = open.popLast() {
            for event in events {
                var machine = CycleMachine(state: state, needsApproval: needsApproval)
                guard (try? machine.handle(event)) != nil, found[Shape(machine.state)] == nil else { continue }
                found[Shape(machine.state)] = machine.state
                open.append(machine.state)
            }
        }
        return Array(found.values)
    }

    @Test(
        "every pair of state and event moves by the table, or is rejected with a code and changes nothing",
        arguments: [false, true])
    func walk(needsApproval: Bool) throws {
        let states = Self.reachable(needsApproval: needsApproval)
        #expect(states.count > 20)
        for state in states {
            for event in Self.events {
                let place = CycleMachine.Place(state.stage, state.activity)
                let targets = CycleMachine.moves.filter { $0.from == place && $0.event == event.kind }.map(\.to)
                let isOverlay = Self.overlays.contains(event.kind)
                var machine = CycleMachine(state: state, needsApproval: needsApproval)
                do {
                    let actions = try machine.handle(event).actions
                    #expect(targets.contains(CycleMachine.Place(machine.state.stage, machine.state.activity)))
                    if isOverlay { continue }
                    #expect(state.block == nil)
                    #expect(!actions.isEmpty, "\(event.kind) in \(state.stage)/\(state.activity) starts no work")
                } catch {
                    #expect(error.code == "cycle.rejected_event")
                    #expect(error.exitCode == .usage)
                    #expect(
                        targets.isEmpty || state.block != nil || isOverlay,
                        "\(event.kind) in \(state.stage)/\(state.activity)")
                    #expect(machine.state == state)
                }
            }
        }
    }

    @Test("every move of the table is made, but for the retry of a live cycle, which nothing blocks")
    func coverage() throws {
        var taken: Set<CycleMachine.Move> = []
        for needsApproval in [false, true] {
            for state in Self.reachable(needsApproval: needsApproval) {
                for event in Self.events {
                    var machine = CycleMachine(state: state, needsApproval: needsApproval)
                    guard (try? machine.handle(event)) != nil else { continue }
                    taken.insert(
                        .init(
                            from: .init(state.stage, state.activity), event: event.kind,
                            to: .init(machine.state.stage, machine.state.activity)))
                }
            }
        }
        let live = CycleMachine.Place(.production, .live)
        #expect(taken.isSubset(of: CycleMachine.moves))
        #expect(CycleMachine.moves.subtracting(taken) == [.init(from: live, event: .retried, to: live)])
    }

    @Test(
        "overlays never move a cycle, except into retirement, and an overlay that does not apply is rejected",
        arguments: [false, true])
    func overlays(needsApproval: Bool) throws {
        let working: Set<Activity> = [.experimenting, .judging, .deciding, .training, .releasing]
        for state in Self.reachable(needsApproval: needsApproval) {
            let isOpen = state.stage != .retired && state.activity != .none
            let mayBlock = isOpen && state.block == nil && working.contains(state.activity)
            let allowed: [(CycleEvent, Bool)] = [
                (.paused, isOpen && !state.isPaused), (.resumed, isOpen && state.isPaused),
                (.retried, isOpen && state.block != nil),
                (.retired, isOpen), (.cancelled, mayBlock), (.workFailed(code: "c", message: "m"), mayBlock),
                (.gateJudged(.error, Self.candidate), mayBlock && state.activity == .judging),
                (.revisionAdopted(from: 1, to: 2, needsApproval: true), state.stage != .retired),
                (.championMoved(from: 2, to: 1, reason: "r"), state.stage != .retired),
                (.superseded(by: 2), state.stage != .retired && state.givesWay),
            ]
            for (event, isAllowed) in allowed {
                var machine = CycleMachine(state: state, needsApproval: needsApproval)
                do {
                    _ = try machine.handle(event)
                    #expect(isAllowed, "\(event.kind) in \(state)")
                    if event == .retired {
                        #expect(machine.state.stage == .retired)
                    } else {
                        #expect(machine.state.stage == state.stage && machine.state.activity == state.activity)
                    }
                } catch {
                    #expect(!isAllowed, "\(event.kind) in \(state)")
                    #expect(error.code == "cycle.rejected_event")
                    #expect(machine.state == state)
                }
            }
        }
    }

    @Test("a retry starts the work of its place again, and where a person is waited for none")
    func repeated() throws {
        for state in Self.reachable(needsApproval: true) where state.block != nil {
            let trainings = state.trainings + (state.activity == .training ? 1 : 0)
            let expected: [CycleAction] =
                switch (state.stage, state.activity) {
                case (.promptPrototype, .experimenting): [.runExperiment(round: state.round)]
                case (.validation, .judging): [.judgeGate(Self.candidate, look: state.looks)]
                case (.validation, .deciding): [.decide(Self.candidate, look: state.looks)]
                case (.validation, .releasing): [.makeRelease(Self.candidate)]
                case (.fineTune, .training): [.train(attempt: trainings)]
                case (.fineTune, .experimenting): [.comparePrompts(Self.candidate, attempt: state.trainings)]
                default: []
                }
            var machine = CycleMachine(state: state, needsApproval: true)
            #expect(try machine.handle(.retried).actions == expected, "\(state)")
            #expect(machine.state.block == nil && machine.state.trainings == trainings)
        }
    }

    @Test(
        "a retry starts the blocked stage's work again, training under a new attempt but where it is there already",
        arguments: [
            ("training.diverged", 2), ("adapter.wrong_base", 2), ("adapter.golden_mismatch", 1),
            ("adapter.no_effect", 1), ("training.unknown", 1),
        ])
    func retry(code: String, attempt: Int) throws {
        var machine = CycleMachine(needsApproval: false)
        for event in [
            CycleEvent.started, .candidateChosen(Self.candidate), .gateJudged(.failed, Self.candidate),
            .decisionMade(.fineTune),
        ] {
            _ = try machine.handle(event)
        }
        #expect(try machine.handle(.trainingFailed(code: code, message: "y")) == [.enqueue(.notify("training-failed"))])
        #expect(machine.state.block?.code == code)
        #expect(try machine.handle(.retried).actions == [.train(attempt: attempt)])
        #expect(machine.state.trainings == attempt)
        #expect(machine.state.block == nil)
    }

    @Test("a passed gate waits for approval only where the definition asks for it")
    func approval() throws {
        for needsApproval in [false, true] {
            var machine = CycleMachine(needsApproval: needsApproval)
            for event in [
                CycleEvent.started, .candidateChosen(Self.candidate), .gateJudged(.passed, Self.candidate),
                .decisionMade(.promote),
            ] {
                _ = try machine.handle(event)
            }
            #expect(machine.state.activity == (needsApproval ? .awaitingApproval : .releasing))
            if needsApproval { #expect(try machine.handle(.approvalGiven).actions == [.makeRelease(Self.candidate)]) }
            #expect(try machine.handle(.releaseMade(number: 1)).actions == [.notify("promoted")])
            #expect(machine.state.stage == .production)
        }
    }

    @Test("an adopted revision says from then on whether a passed gate waits for approval", arguments: [false, true])
    func adopted(needsApproval: Bool) throws {
        var machine = CycleMachine(needsApproval: !needsApproval)
        for event in [
            CycleEvent.started, .candidateChosen(Self.candidate), .gateJudged(.passed, Self.candidate),
            .revisionAdopted(from: 1, to: 2, needsApproval: needsApproval),
        ] { _ = try machine.handle(event) }
        let before = machine.state
        #expect(before.activity == .deciding, "it does not move the cycle")
        _ = try machine.handle(.decisionMade(.promote))
        #expect(machine.state.activity == (needsApproval ? .awaitingApproval : .releasing))
    }

    @Test("a cycle that is over takes no event, wherever it stands", arguments: [false, true])
    func over(needsApproval: Bool) {
        for state in Self.reachable(needsApproval: needsApproval) {
            for event in Self.events {
                var machine = CycleMachine(state: state, needsApproval: needsApproval, isOver: true)
                let error = #expect(throws: FledgeError.self) { try machine.handle(event) }
                #expect(error?.code == "cycle.rejected_event" && machine.state == state)
            }
            for event in Self.events where event.kind.endsCycle {
                var machine = CycleMachine(state: state, needsApproval: needsApproval)
                guard (try? machine.handle(event)) != nil else { continue }
                #expect((try? machine.handle(.championMoved(from: nil, to: 1, reason: "r"))) == nil)
            }
        }
    }

    @Test("looks, rounds and trainings are counted, and drift starts the count anew")
    func counters() throws {
        var machine = CycleMachine(needsApproval: false)
        for event in [
            CycleEvent.started, .roundFinished, .candidateChosen(Self.candidate), .gateJudged(.failed, Self.candidate),
            .decisionMade(.fineTune),
            .trainingFinished(Self.candidate), .candidateChosen(Self.candidate), .gateJudged(.passed, Self.candidate),
            .decisionMade(.promote),
            .releaseMade(number: 1),
        ] { _ = try machine.handle(event) }
        #expect(machine.state.round == 2)
        #expect(machine.state.looks == 2)
        #expect(machine.state.trainings == 1)
        #expect(try machine.handle(.driftSeen("drift")) == [.enqueue(.runExperiment(round: 1))])
        #expect(machine.state.looks == 0)
    }
}
