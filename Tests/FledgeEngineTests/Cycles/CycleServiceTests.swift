import FledgeCore
import FledgeEngine
import Testing

@Suite("Transitions of a cycle")
struct CycleServiceTests {
    @Test("of one that has ended are refused, and nothing is tried")
    func ended() async throws {
        let store = EndedCycle()
        await #expect {
            try await CycleService(stores: store).apply(.paused, to: CycleID(1), actor: "ada")
        } throws: { ($0 as? FledgeError)?.code == .cycleRejectedEvent }
        #expect(store.tries.withLock { $0 } == 0)
    }
}

/// A store whose cycle takes nothing any more, and stays as it is.
private struct EndedCycle: TransitionStore {
    let tries = Shared(0)

    func head(of cycle: CycleID) async throws -> CycleHead {
        CycleHead(
            id: cycle, useCase: UseCaseID(1), number: 1,
            state: CycleState(stage: .promptPrototype, activity: .experimenting), version: 4, needsApproval: false,
            priority: 0, isOver: true)
    }

    func record(_ transition: Transition, finishing lease: WorkLease?) async throws {
        tries.withLock { $0 += 1 }
        throw FledgeError(.cycleConflict, "it is not open")
    }

    func openCycle(for useCase: UseCaseID, actor: String) async throws -> Cycle {
        throw FledgeError(.cycleConflict, "it is not open")
    }

    func waitingUseCases() async throws -> [UseCaseID] { [] }
}
