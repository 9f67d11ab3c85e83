import FledgeCore
import Testing

@Suite("What a transition does to work")
struct WorkChangeTests {
    private static let candidate = Digest(of: "candidate")
    private static let training = CycleState(
        stage: .fineTune, activity: .training, round: 1, looks: 1, trainings: 1, candidate: candidate)

    private static func blocked(_ state: CycleState, code: String = "work.failed") -> CycleState {
        var blocked = state
        blocked.block = .init(code: code, message: "m")
        return blocked
    }

    private static func paused(_ state: CycleState) -> CycleState {
        var paused = state
        paused.isPaused = true
        return paused
    }

    private static func work(_ event: CycleEvent, in state: CycleState) throws -> [WorkChange] {
        var machine = CycleMachine(state: state, needsApproval: false)
        return try machine.handle(event)
    }

    @Test(
        "is said by the table alone, for every event that changes work which is there",
        arguments: [
            (.paused, training, [.pause]), (.resumed, paused(training), [.resume]),
            (.cancelled, training, [.cancelOpen]), (.retired, training, [.cancelOpen, .cancelDead(nil)]),
            (.superseded(by: 2), blocked(training), [.cancelOpen, .cancelDead(nil)]),
            (.superseded(by: 2), .new, [.cancelOpen, .cancelDead(nil)]),
            (
                .retried, blocked(training),
                [.cancelOpen, .cancelDead(.train), .reviveDead, .enqueue(.train(attempt: 2))]
            ),
            (
                .retried, blocked(CycleState(stage: .validation, activity: .awaitingApproval, candidate: candidate)),
                [.cancelOpen, .reviveDead]
            ),
        ] as [(CycleEvent, CycleState, [WorkChange])])
    func table(event: CycleEvent, state: CycleState, expected: [WorkChange]) throws {
        #expect(try Self.work(event, in: state) == expected)
    }

    @Test("a pause of a cycle that was cancelled cancels nothing again")
    func pausedLater() throws {
        let cancelled = Self.blocked(Self.training, code: CycleState.Block.cancelled)
        #expect(try Self.work(.paused, in: cancelled) == [.pause])
    }

    @Test("comes in one order, whatever happens where", arguments: [false, true])
    func order(needsApproval: Bool) {
        for state in CycleMachineTests.reachable(needsApproval: needsApproval) {
            for event in CycleMachineTests.events {
                var machine = CycleMachine(state: state, needsApproval: needsApproval)
                guard let changes = try? machine.handle(event) else { continue }
                let places = changes.compactMap { WorkChange.Kind.allCases.firstIndex(of: $0.kind) }
                #expect(places == places.sorted(), "\(event.kind) in \(state)")
            }
        }
    }

    @Test("leaves work open or dead where a cycle goes on, and none where it is over", arguments: [false, true])
    func ends(needsApproval: Bool) {
        for state in CycleMachineTests.reachable(needsApproval: needsApproval) {
            for event in CycleMachineTests.events {
                var machine = CycleMachine(state: state, needsApproval: needsApproval)
                guard let changes = try? machine.handle(event) else { continue }
                let givesUp = changes.contains(.cancelOpen) && changes.contains(.cancelDead(nil))
                #expect(givesUp == event.kind.endsCycle, "\(event.kind) in \(state)")
            }
        }
    }

    @Test("the work whose outcome is a failure is dead, and of every other event it is done")
    func outcome() {
        for event in CycleMachineTests.events {
            #expect((event.failureOfWork?.code == "c") == (event.kind == .workFailed), "\(event.kind)")
        }
    }
}
