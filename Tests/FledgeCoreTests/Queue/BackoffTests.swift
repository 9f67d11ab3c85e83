import FledgeCore
import Testing

@Suite("A retry policy")
struct BackoffTests {
    private let policy = RetryPolicy(attempts: 6, base: .seconds(1), cap: .seconds(10))

    @Test("doubles the bound of the pause from try to try, up to its cap")
    func bounds() {
        #expect(
            (1...6).map { policy.bound(afterAttempt: $0) }
                == [.seconds(1), .seconds(2), .seconds(4), .seconds(8), .seconds(10), .seconds(10)])
    }

    @Test("draws the pause from the whole of zero to the bound", arguments: [0.0, 0.25, 1.0])
    func fullJitter(random: Double) {
        #expect(policy.pause(afterAttempt: 3, random: random) == .seconds(4) * random)
    }

    @Test("of work makes five tries, with pauses of up to 2 seconds that double, up to a minute")
    func work() {
        let pauses = (1...5).map { RetryPolicy.work.pause(afterAttempt: $0, random: 1) }
        #expect(pauses == [.seconds(2), .seconds(4), .seconds(8), .seconds(16), nil])
        // Work that gets on between its tries makes more of them.
        #expect([5, 6, 7].map(RetryPolicy.work.bound) == [.seconds(32), .seconds(60), .seconds(60)])
    }

    @Test("gives up when the tries are used up")
    func ends() {
        #expect(policy.pause(afterAttempt: 5, random: 1) == .seconds(10))
        #expect(policy.pause(afterAttempt: 6, random: 1) == nil)
        #expect(policy.pause(afterAttempt: 600, random: 1) == nil)
    }

    @Test("takes any number for a try or a draw", arguments: [Int.min, -1, 0, 5, Int.max])
    func extremes(attempt: Int) {
        let endless = RetryPolicy(attempts: .max, base: .seconds(1), cap: .seconds(10))
        for random in [-1.0, 0, 0.5, 7, .infinity] {
            if let pause = endless.pause(afterAttempt: attempt, random: random) {
                #expect(pause >= .zero && pause <= .seconds(10))
            }
        }
    }
}
