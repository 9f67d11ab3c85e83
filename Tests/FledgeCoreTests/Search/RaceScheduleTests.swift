import FledgeCore
import Testing

/// Schedules that were reckoned by hand from what `RaceSchedule` says of itself.
@Suite("How a race spends its calls")
struct RaceScheduleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var candidates: Int
        var examples: Int
        var kept = 0
        var known = 0
        var maximumCalls = Int.max
        var calls: Int
        var firstBlock: Int
        var looks: [Int]
        var testDescription: String { "\(candidates) candidates, \(examples) examples, \(maximumCalls) calls" }
    }

    static let cases = [
        // A fifth of 32 · 200.
        Case(
            candidates: 32, examples: 200, calls: 1280, firstBlock: 8,
            looks: Array(stride(from: 8, through: 200, by: 4))),
        // 32 · 3 + 197 calls suffice for the first block and one that goes on; 32 · 4 + 196 do not.
        Case(
            candidates: 32, examples: 200, maximumCalls: 300, calls: 300, firstBlock: 3,
            looks: Array(stride(from: 3, through: 199, by: 4)) + [200]),
        // A small field may take a fifth of 20 · 40; no more than half of it goes to the first block.
        Case(candidates: 32, examples: 20, calls: 160, firstBlock: 2, looks: [2, 6, 10, 14, 18, 20]),
        // Successive Rejects: 5 · 8, then 4 each for 5, 3, 2, 2 and six times 1, and 2 for the last.
        Case(
            candidates: 6, examples: 50, kept: 1, known: 1, calls: 114, firstBlock: 8,
            looks: Array(stride(from: 8, through: 48, by: 4)) + [50]),
        // The kept one that is not known is paid to the end besides: 6 · 8 + 42 + 74.
        Case(
            candidates: 6, examples: 50, kept: 1, calls: 164, firstBlock: 8,
            looks: Array(stride(from: 8, through: 48, by: 4)) + [50]),
        // No more than everything, and everything with one candidate.
        Case(candidates: 1, examples: 6, calls: 6, firstBlock: 6, looks: [6]),
        Case(candidates: 2, examples: 3, calls: 6, firstBlock: 3, looks: [3]),
        // A hundred looks at the most.
        Case(
            candidates: 40, examples: 1000, calls: 8000, firstBlock: 8,
            looks: Array(stride(from: 8, through: 998, by: 10)) + [1000]),
        // Not even one call for each: a block is an example all the same.
        Case(candidates: 10, examples: 5, maximumCalls: 3, calls: 3, firstBlock: 1, looks: [1, 5]),
    ]

    @Test("the first block, the looks and the calls are those of the plan", arguments: cases)
    func planned(_ one: Case) {
        let schedule = RaceSchedule(
            candidates: one.candidates, examples: one.examples, kept: one.kept, known: one.known,
            maximumCalls: one.maximumCalls)
        #expect(schedule.calls == one.calls && schedule.firstBlock == one.firstBlock && schedule.looks == one.looks)
        #expect(schedule.start.size == Double(one.candidates - one.kept) && schedule.start.calls == 0)
    }

    @Test(
        "as many go on as the calls that are left suffice for",
        arguments: [
            // Calls so far, who goes on. Three to the end take 36; three, two and one of them 24.
            (24, 3), (25, 2), (36, 2), (37, 1), (48, 1),
        ])
    func places(calls: Int, going: Int) {
        let schedule = RaceSchedule(
            candidates: 3, examples: 20, settings: RaceSchedule.Settings(share: 1, firstBlock: 8))
        #expect(schedule.calls == 60)
        var field = schedule.start
        field.calls = calls
        #expect(schedule.places(for: 3, besides: 0, after: 8, &field) == going)
        #expect(field.size >= Double(going) && field.size <= 3)
    }

    @Test("whoever is kept is paid first, and after the last example nobody drops out")
    func kept() {
        let schedule = RaceSchedule(
            candidates: 3, examples: 20, settings: RaceSchedule.Settings(share: 1, firstBlock: 8))
        var field = schedule.start
        (field.size, field.calls) = (3, 24)
        #expect(schedule.places(for: 3, besides: 1, after: 8, &field) == 3)
        (field.size, field.calls) = (3, 33)
        // (2 + 1) · 4 + (1 + 1) · 8 is one more than the 27 that are left.
        #expect(schedule.places(for: 3, besides: 1, after: 8, &field) == 1)
        #expect(schedule.places(for: 2, besides: 0, after: 20, &field) == 2)
        #expect(schedule.places(for: 0, besides: 0, after: 8, &field) == 0)
    }
}
