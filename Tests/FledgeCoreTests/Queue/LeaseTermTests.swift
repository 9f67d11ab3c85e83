import FledgeCore
import Testing

@Suite("The term of a lease")
struct LeaseTermTests {
    private let start = ContinuousClock.now

    @Test("is counted from before the database was asked, so that it ends before the lease does there")
    func order() {
        var term = LeaseTerm(length: .seconds(15), asked: start)
        #expect(!term.isOver(at: start + .seconds(14)) && term.isOver(at: start + .seconds(15)))
        // Asked after 5 s, answered after 12: the database may have counted from either.
        term.renew(asked: start + .seconds(5))
        #expect(!term.isOver(at: start + .seconds(19)) && term.isOver(at: start + .seconds(20)))
    }

    @Test("leaves time for three renewals")
    func pause() {
        #expect(LeaseTerm(length: .seconds(15), asked: start).renewalPause == .seconds(5))
    }

    @Test("is not shortened by an answer that comes out of order")
    func outOfOrder() {
        var term = LeaseTerm(length: .seconds(15), asked: start)
        term.renew(asked: start + .seconds(10))
        term.renew(asked: start + .seconds(5))
        #expect(term.end == start + .seconds(25))
    }
}
