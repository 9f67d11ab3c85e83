import FledgeCore
import Foundation
import Testing

@Suite("Where what was applied last came to rest")
struct ArrivalTests {
    private static func status(
        _ stage: Stage, _ activity: Activity, block: String? = nil, servingOf cycle: Int? = nil, gate: Verdict? = nil,
        newest: Int? = 3, isPaused: Bool = false
    ) -> UseCaseStatus {
        var state = CycleState(stage: stage, activity: activity, round: 1)
        state.block = block.map { .init(code: $0, message: "m") }
        state.isPaused = isPaused
        let at = Date(timeIntervalSince1970: 0)
        let result = gate.map {
            GateResult(
                candidate: Digest(of: "c"), candidateName: "c", verdict: $0, criteria: [], look: 1, looksAllowed: 2,
                prototypeScore: nil, holdoutScore: nil)
        }
        return UseCaseStatus(
            name: "colour", owner: nil, revision: 3, cycle: 2, state: state, since: at, release: cycle,
            bestPrototypeScore: nil, bestCandidate: nil, lastGate: result, progress: nil, callsMade: 0,
            costMicroDollars: 0,
            serving: cycle.map {
                Serving(
                    release: $0, candidate: "c", adapter: nil, revision: $0, cycle: $0,
                    move: ChampionMove(from: 2, to: $0, actor: "ada", reason: "it answers in English", at: at))
            }, newestRevision: newest)
    }

    @Test(
        "0 only where what was applied serves",
        arguments: [
            (status(.production, .live, servingOf: 2), Arrival.live, FledgeCore.ExitStatus.success),
            (status(.production, .live, servingOf: 1), .rolledBack, .failed),
            (status(.validation, .deciding, block: "stopped", servingOf: 1), .blocked, .failed),
            (status(.validation, .deciding, block: "stopped"), .blocked, .failed),
            (
                status(.validation, .deciding, block: "needs-data", servingOf: 1, gate: .inconclusive), .inconclusive,
                .inconclusive
            ),
            (status(.validation, .awaitingApproval, servingOf: 1), .awaitingApproval, .inconclusive),
            (status(.retired, .none), .retired, .failed),
            (status(.retired, .none, newest: 4), .retired, .failed),
            // From a daemon that does not tell what serves.
            (status(.production, .live, newest: nil), .live, .success),
        ])
    func exitStatus(_ status: UseCaseStatus, _ arrival: Arrival, _ exit: FledgeCore.ExitStatus) {
        #expect(Arrival(status) == arrival)
        #expect(Arrival(status)?.exitStatus == exit)
    }

    @Test(
        "it is under way while it works, and while a newer revision is about to take its place",
        arguments: [
            status(.validation, .judging, servingOf: 1), status(.production, .live, servingOf: 2, newest: 4),
            status(.validation, .deciding, block: "stopped", newest: 4),
        ])
    func underWay(_ status: UseCaseStatus) { #expect(Arrival(status) == nil) }

    @Test("what serves beside it is said, and who went back to it")
    func aside() throws {
        let blocked = Self.status(.validation, .deciding, block: "stopped", servingOf: 1)
        #expect(Arrival(blocked)?.aside(blocked) == "release 1 (revision 1) goes on serving")
        let back = Self.status(.production, .live, servingOf: 1)
        #expect(
            Arrival(back)?.aside(back) == "release 1 (revision 1) serves: ada went back to it (it answers in English)")
        let live = Self.status(.production, .live, servingOf: 2)
        #expect(Arrival(live)?.aside(live) == nil)
        let first = Self.status(.validation, .deciding, block: "stopped")
        #expect(Arrival(first)?.aside(first) == nil)
    }
}
