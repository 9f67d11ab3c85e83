import FledgeCore
import Testing

@Suite("The floor of claims")
struct ClaimFloorTests {
    private let now = ContinuousClock.now

    @Test("every claim looks from the beginning while that is quick")
    func quick() {
        var floor = ClaimFloor()
        #expect(floor.start(at: now) == nil)
        floor.looked(from: nil, found: 5_000_000, took: .milliseconds(3), at: now)
        #expect(floor.start(at: now) == nil)
    }

    @Test("when it is slow, claims begin where work was found, and a twentieth of the time looks from the beginning")
    func slow() {
        var floor = ClaimFloor()
        floor.looked(from: nil, found: 5_000_000, took: .milliseconds(100), at: now)
        #expect(floor.start(at: now + .milliseconds(1999)) == 4_500_000)
        #expect(floor.start(at: now + .seconds(2)) == nil)
        // Claims from the floor move it on, and do not put the next look from the beginning off.
        floor.looked(from: 4_500_000, found: 6_000_000, took: .milliseconds(1), at: now + .seconds(1))
        #expect(floor.start(at: now + .milliseconds(1500)) == 5_500_000)
        #expect(floor.start(at: now + .seconds(2)) == nil)
    }

    @Test(
        "a look is slow above twenty-five milliseconds", arguments: [(25_000, false), (25_001, true), (26_000, true)])
    func bound(microseconds: Int, isSlow: Bool) {
        var floor = ClaimFloor()
        floor.looked(from: nil, found: 5_000_000, took: .microseconds(microseconds), at: now)
        #expect((floor.start(at: now) != nil) == isSlow)
    }

    @Test("nothing found leaves the floor where it is")
    func empty() {
        var floor = ClaimFloor()
        floor.looked(from: nil, found: nil, took: .seconds(1), at: now)
        #expect(floor.start(at: now) == nil, "there is no floor yet")
        floor.looked(from: nil, found: 5_000_000, took: .seconds(1), at: now)
        floor.looked(from: 4_500_000, found: nil, took: .milliseconds(1), at: now)
        #expect(floor.start(at: now) == 4_500_000)
    }
}
