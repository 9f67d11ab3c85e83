import FledgeCore
import Foundation
import Testing

@Suite("Moves of the champion")
struct ChampionMoveTests {
    @Test(
        "going back is making an older release the champion than the one that served",
        arguments: [(nil, 1, false), (1, 2, false), (2, 1, true), (3, 1, true), (2, 2, false)] as [(Int?, Int, Bool)])
    func rollback(from: Int?, to: Int, isRollback: Bool) {
        let move = ChampionMove(
            from: from, to: to, actor: "ada", reason: "r", at: Date(timeIntervalSince1970: 0))
        #expect(move.isRollback == isRollback)
    }
}
