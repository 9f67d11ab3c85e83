import FledgeCore
import Testing

@Suite("The pace of claims")
struct ClaimPacingTests {
    @Test("an idle worker asks for all of its places at the first hint, and not twice")
    func idle() {
        var pacing = ClaimPacing(places: 4)
        #expect(pacing.next() == nil, "nobody has said that anything is due")
        pacing.look()
        #expect(pacing.next() == 4)
        #expect(pacing.next() == nil)
        pacing.claimed(0)
        #expect(pacing.next() == nil, "an empty queue is asked again at the next hint")
        pacing.look()
        #expect(pacing.next() == 4)
    }

    @Test("places that become free while a claim is under way are filled together by the next")
    func groups() {
        var pacing = ClaimPacing(places: 100)
        pacing.look()
        #expect(pacing.next() == 100)
        pacing.claimed(100)
        #expect(pacing.next() == nil)
        pacing.finished()
        #expect(pacing.next() == 1)
        for _ in 0..<30 { pacing.finished() }
        #expect(pacing.next() == nil)
        pacing.claimed(1)
        #expect(pacing.next() == 30)
    }

    @Test("a hint that comes while a claim is under way is not lost")
    func lateHint() {
        var pacing = ClaimPacing(places: 2)
        pacing.look()
        #expect(pacing.next() == 2)
        pacing.look()
        pacing.claimed(0)
        #expect(pacing.next() == 2)
    }

    @Test("a claim that brought all it asked for is followed by another as soon as there is a place")
    func backlog() {
        var pacing = ClaimPacing(places: 2)
        pacing.look()
        #expect(pacing.next() == 2)
        pacing.finishedAll(0)
        pacing.claimed(2)
        #expect(pacing.next() == nil)
        pacing.finishedAll(2)
        #expect(pacing.next() == 2)
        #expect(pacing.running == 0)
    }

    @Test("nothing is begun beside a piece that is done alone")
    func alone() {
        var pacing = ClaimPacing(places: 4)
        pacing.look()
        #expect(pacing.next() == 4 && pacing.isIdle)
        pacing.claimed(1, alone: true)
        pacing.look()
        #expect(pacing.next() == nil && !pacing.isIdle)
        pacing.finished()
        #expect(pacing.next() == 4 && pacing.isIdle)
        pacing.claimed(2)
        pacing.look()
        #expect(pacing.next() == 2)
    }

    @Test("a piece that has gone on for long enough is alone no more")
    func proven() {
        var pacing = ClaimPacing(places: 4)
        pacing.look()
        #expect(pacing.next() == 4)
        pacing.claimed(1, alone: true)
        pacing.proven()
        pacing.look()
        #expect(pacing.next() == 3)
    }

    @Test("a worker that makes itself free begins nothing more until all has ended, and claims then")
    func freeing() {
        var pacing = ClaimPacing(places: 4)
        pacing.look()
        #expect(pacing.next() == 4)
        pacing.claimed(2)
        pacing.isFreeingItself = true
        pacing.look()
        #expect(pacing.next() == nil)
        pacing.finished()
        #expect(pacing.next() == nil)
        pacing.finished()
        #expect(pacing.next() == 4)
    }
}

extension ClaimPacing {
    fileprivate mutating func finishedAll(_ count: Int) { for _ in 0..<count { finished() } }
}
