import FledgeServing
import Testing

@testable import FledgeServing

@Suite("Learning a server's rate")
struct RatePaceTests {
    /// A server that refuses by a rule, on a clock of its own.
    private struct Outcome {
        var answered = 0
        var refused = 0
        var seconds = 0.0
    }

    /// Makes calls until so many are answered: at first eight at a time, then as the pace says, each taking 50 ms.
    private func run(until wanted: Int, allows: (_ second: Double, _ number: Int) -> Bool) -> Outcome {
        var pace = RatePace()
        let start = ContinuousClock.now
        var now = start
        var outcome = Outcome()
        var number = 0
        while outcome.answered < wanted, outcome.refused < 1000 {
            while let wait = pace.wait(at: now) { now = now + wait }
            let atOnce = pace.isPaused || pace.spacing != nil ? 1 : 8
            let begun = now
            let generation = pace.generation
            for _ in 0..<atOnce { pace.begin(at: begun) }
            now = now + .milliseconds(50)
            for _ in 0..<atOnce {
                number += 1
                if allows(start.duration(to: begun) / .seconds(1), number) {
                    outcome.answered += 1
                    pace.succeeded(begun: begun, generation: generation, at: now)
                } else {
                    outcome.refused += 1
                    pace.refused(generation: generation, wish: nil, jitter: 0.5, at: now)
                }
            }
        }
        outcome.seconds = start.duration(to: now) / .seconds(1)
        return outcome
    }

    @Test("a limit of so many calls in the last minute is kept to, with few refused calls", arguments: [3, 12, 40])
    func slidingMinute(limit: Int) {
        var taken: [Double] = []
        let outcome = run(until: 60) { second, _ in
            taken.removeAll { $0 <= second - 60 }
            guard taken.count < limit else { return false }
            taken.append(second)
            return true
        }
        #expect(outcome.answered >= 60 && outcome.refused * 2 < outcome.answered, "\(outcome)")
        #expect(outcome.seconds < 1.6 * 60 * Double(60 / limit) + 130, "\(outcome)")
    }

    @Test("so is one of each minute of the clock, and a bucket that fills again", arguments: [0, 1])
    func others(rule: Int) {
        var minute = -1.0
        var count = 0
        var tokens = 12.0
        var last = 0.0
        let outcome = run(until: 60) { second, _ in
            if rule == 0 {
                let current = ((second + 41) / 60).rounded(.down)
                if current != minute { (minute, count) = (current, 0) }
                count += 1
                return count <= 12
            }
            tokens = min(12, tokens + (second - last) / 5)
            last = second
            guard tokens >= 1 else { return false }
            tokens -= 1
            return true
        }
        #expect(outcome.answered >= 60 && outcome.refused < outcome.answered, "\(outcome)")
        #expect(outcome.seconds < 700, "\(outcome)")
    }

    @Test("refusals that have nothing to do with the rate slow it down within bounds")
    func everyFourth() {
        let outcome = run(until: 60) { _, number in number % 4 != 0 }
        #expect(outcome.answered >= 60 && outcome.refused < outcome.answered && outcome.seconds < 300, "\(outcome)")
    }

    @Test("once the limit is gone, calls come quickly again")
    func recovers() {
        let outcome = run(until: 2000) { second, number in second > 100 || number <= 12 }
        #expect(outcome.seconds < 900 && outcome.refused < 30, "\(outcome)")
    }

    @Test("the server's own wish is obeyed, and a refusal of a call that began before it says nothing new")
    func wishes() {
        var pace = RatePace()
        let now = ContinuousClock.now
        pace.refused(generation: 0, wish: .seconds(30), jitter: 1, at: now)
        #expect(pace.wait(at: now) == .seconds(30) && pace.generation == 1)
        pace.refused(generation: 0, wish: nil, jitter: 1, at: now + .seconds(1))
        #expect(pace.wait(at: now) == .seconds(30) && pace.generation == 1)
        pace.refused(generation: 0, wish: .seconds(40), jitter: 1, at: now)
        #expect(pace.wait(at: now) == .seconds(40))
        #expect(pace.wait(at: now + .seconds(40)) == nil && pace.isPaused)
        #expect(pace.barren(at: now + .seconds(40)) == .seconds(40))
        pace.succeeded(begun: now + .seconds(40), generation: 1, at: now + .seconds(41))
        #expect(!pace.isPaused && pace.barren(at: now + .seconds(50)) == .zero)
    }
}
