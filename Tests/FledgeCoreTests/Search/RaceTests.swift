import FledgeCore
import Testing

@Suite struct RaceTests {
    private static func ids(_ count: Int) -> [CandidateID] { (0..<count).map { Digest(of: "candidate \($0)") } }
    private static func examples(_ count: Int) -> [ExampleID] { (0..<count).map { ExampleID(Int64($0)) } }

    /// Candidate k has a share of k/(count) of the examples right, no two the same ones.
    private static func truth(_ ids: [CandidateID], _ examples: [ExampleID], seed: UInt64) -> Race.Scores {
        var random = SplitMix64(seed: seed)
        return Dictionary(
            uniqueKeysWithValues: ids.enumerated().map { place, id in
                let rate = Double(place + 1) / Double(ids.count + 1)
                return (
                    id,
                    Dictionary(
                        uniqueKeysWithValues: examples.map {
                            ($0, Double.random(in: 0..<1, using: &random) < rate ? 1.0 : 0)
                        })
                )
            })
    }

    /// Runs a race to its end, and checks that nothing is asked twice.
    private static func run(_ race: Race, _ truth: Race.Scores, from start: Race.Scores = [:]) throws -> (
        Race.Standing, Race.Scores, [Race.Call]
    ) {
        var scores = start
        var made: [Race.Call] = []
        while true {
            let standing = try race.standing(scores)
            guard case .score(let calls) = standing.step else { return (standing, scores, made) }
            for call in calls {
                #expect(scores[call.candidate]?[call.example] == nil)
                scores[call.candidate, default: [:]][call.example] = truth[call.candidate]?[call.example]
                made.append(call)
            }
        }
    }

    @Test("the best is found for a fraction of the calls", arguments: 1...8 as ClosedRange<UInt64>)
    func finds(_ seed: UInt64) throws {
        let ids = Self.ids(32)
        let examples = Self.examples(200)
        let truth = Self.truth(ids, examples, seed: seed)
        let race = Race(candidates: ids, kept: [ids[0]], examples: examples)
        let (standing, scores, made) = try Self.run(race, truth)
        let means = ids.map { (truth[$0] ?? [:]).values.reduce(0, +) / 200 }
        let best = means.max() ?? 0
        guard case .finished(let winner) = standing.step else { return _ = Issue.record("the race is not over") }
        #expect(best - (truth[winner] ?? [:]).values.reduce(0, +) / 200 < 0.05)
        #expect(made.count <= 32 * 200 / 5)
        #expect(made.count <= race.schedule.calls)
        // Who is left was compared on every example; an incumbent that is far behind is proven to be.
        #expect(standing.compared == 200)
        for id in standing.alive { #expect(scores[id]?.count == 200) }
        #expect(standing.alive.contains(winner) && !standing.alive.contains(ids[0]))
        #expect(Set(standing.alive).isDisjoint(with: standing.dropped.map(\.candidate)))
        #expect(standing.alive.count + standing.dropped.count == 32)
    }

    @Test("a race that is cut off anywhere goes on with the same calls", arguments: [0, 1, 57, 130, 260])
    func resumes(_ cut: Int) throws {
        let ids = Self.ids(12)
        let examples = Self.examples(60)
        let truth = Self.truth(ids, examples, seed: 4)
        let race = Race(candidates: ids, kept: [ids[0]], examples: examples)
        let (standing, _, made) = try Self.run(race, truth)
        var recorded: Race.Scores = [:]
        for call in made.prefix(cut) {
            recorded[call.candidate, default: [:]][call.example] = truth[call.candidate]?[call.example]
        }
        let (again, _, rest) = try Self.run(race, truth, from: recorded)
        #expect(again == standing)
        #expect(Set(made.prefix(cut)).isDisjoint(with: rest))
        #expect(Set(made.prefix(cut) + rest) == Set(made))
    }

    @Test("calls of one candidate follow each other, in the given order of the candidates")
    func ordered() throws {
        let ids = Self.ids(5)
        let race = Race(candidates: ids, kept: [], examples: Self.examples(40))
        guard case .score(let calls) = try race.standing([:]).step else { return _ = Issue.record("nothing is asked") }
        let places = calls.compactMap { ids.firstIndex(of: $0.candidate) }
        #expect(places == places.sorted())
        #expect(Set(calls.map(\.example)).count * 5 == calls.count)
    }

    @Test("an incumbent that is scored already costs nothing, and stays")
    func incumbent() throws {
        let ids = Self.ids(6)
        let examples = Self.examples(50)
        let truth = Self.truth(ids, examples, seed: 9)
        let race = Race(candidates: ids, kept: [ids[5]], known: 1, examples: examples)
        let (standing, _, made) = try Self.run(race, truth, from: [ids[5]: truth[ids[5]] ?? [:]])
        #expect(!made.contains { $0.candidate == ids[5] })
        #expect(standing.step == .finished(winner: ids[5]))
        #expect(made.count < 5 * 50)
    }

    @Test("on equal scores the earlier candidate is ahead")
    func ties() throws {
        let ids = Self.ids(4)
        let examples = Self.examples(20)
        let same = Dictionary(uniqueKeysWithValues: examples.map { ($0, 1.0) })
        let truth = Dictionary(uniqueKeysWithValues: ids.map { ($0, same) })
        #expect(
            try Self.run(Race(candidates: ids, kept: [], examples: examples), truth).0.step == .finished(winner: ids[0])
        )
    }

    @Test("what a family scored on the first block decides between equals, and nothing at the end")
    func families() throws {
        // Two are as good as each other, and better than all others; the second has the better relatives.
        let ids = Self.ids(20)
        let examples = Self.examples(100)
        func right(_ places: Range<Int>) -> [ExampleID: Double] {
            Dictionary(uniqueKeysWithValues: examples.enumerated().map { ($1, places.contains($0) ? 1.0 : 0) })
        }
        var truth: Race.Scores = [:]
        for (place, id) in ids.enumerated() { truth[id] = right(place < 10 ? 0..<4 : 0..<5) }
        truth[ids[0]] = right(0..<90)
        truth[ids[19]] = right(0..<90)
        let families = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0 / 10) })
        let race = Race(candidates: ids, kept: [], examples: examples, families: families)
        var scores: Race.Scores = [:]
        guard case .score(let first) = try race.standing(scores).step else { return #expect(Bool(false)) }
        for call in first { scores[call.candidate, default: [:]][call.example] = truth[call.candidate]?[call.example] }
        #expect(try race.standing(scores).alive.first == ids[19])
        #expect(try Race(candidates: ids, kept: [], examples: examples).standing(scores).alive.first == ids[0])
        // Both are scored to the end, where the earlier of two equals is ahead again.
        let (standing, _, _) = try Self.run(race, truth)
        #expect(standing.step == .finished(winner: ids[0]))
    }

    @Test("who is far behind drops out whatever its place, and its calls go to those that are close")
    func spared() throws {
        let ids = Self.ids(30)
        let examples = Self.examples(120)
        func truth(weak: Double) -> Race.Scores {
            var random = SplitMix64(seed: 5)
            return Dictionary(
                uniqueKeysWithValues: ids.enumerated().map { place, id in
                    let rate = place < 6 ? 0.9 : weak
                    let drawn = examples.map { ($0, Double.random(in: 0..<1, using: &random) < rate ? 1.0 : 0) }
                    return (id, Dictionary(uniqueKeysWithValues: drawn))
                })
        }
        func seen(_ truth: Race.Scores) throws -> [Int] {
            let (_, scores, made) = try Self.run(Race(candidates: ids, kept: [], examples: examples), truth)
            #expect(made.count <= 30 * 120 / 5)
            return ids.map { scores[$0]?.count ?? 0 }
        }
        let (clear, close) = (try seen(truth(weak: 0.02)), try seen(truth(weak: 0.8)))
        #expect(clear[6...].allSatisfy { $0 <= 20 })
        #expect(clear[..<6].reduce(0, +) > close[..<6].reduce(0, +))
    }

    /// Two of a race of 40 examples after its first block, in which one had all right and the other so many wrong.
    private static func afterBlock(
        of block: Int, wrong: Int, isKept: Bool
    ) throws -> (Race.Standing, other: CandidateID) {
        let ids = Self.ids(2)
        let examples = Self.examples(40)
        let race = Race(
            candidates: ids, kept: isKept ? [ids[1]] : [], examples: examples,
            settings: RaceSchedule.Settings(share: 1, firstBlock: block))
        var scores: Race.Scores = [:]
        for (place, example) in examples.prefix(block).enumerated() {
            scores[ids[0], default: [:]][example] = 1
            scores[ids[1], default: [:]][example] = place < wrong ? 0 : 1
        }
        let standing = try race.standing(scores)
        #expect(race.schedule.firstBlock == block && standing.compared == block)
        return (standing, ids[1])
    }

    @Test(
        "who is three standard errors of the gap behind drops out, and who is less stays",
        // 6 is less than 3 · √((2 + 6) · 24 / 40) = 6.57, and 7 more than 3 · √((2 + 7) · 24 / 40) = 6.97.
        arguments: [(6, false), (7, true)])
    func farBehind(wrong: Int, drops: Bool) throws {
        let (standing, other) = try Self.afterBlock(of: 16, wrong: wrong, isKept: false)
        #expect(standing.alive.contains(other) == !drops)
        #expect(standing.dropped.map(\.candidate) == (drops ? [other] : []))
    }

    @Test(
        "a kept candidate stays until it is proven to be worse",
        // Each example that it alone has wrong makes the capital half as large again, and 1 / α = 100 lies between
        // 1.5¹¹ = 86 and 1.5¹² = 130.
        arguments: [(11, false), (12, true)])
    func proof(wrong: Int, drops: Bool) throws {
        let (standing, other) = try Self.afterBlock(of: wrong, wrong: wrong, isKept: true)
        #expect(standing.alive.contains(other) == !drops)
        #expect(standing.dropped.map(\.examples) == (drops ? [12] : []))
    }

    struct Size: Sendable { let candidates, examples, kept, known: Int }

    @Test(
        "a race keeps to its share, and a small field to what Successive Rejects need",
        arguments: [
            Size(candidates: 64, examples: 200, kept: 1, known: 0),
            Size(candidates: 24, examples: 240, kept: 1, known: 1),
            Size(candidates: 36, examples: 180, kept: 1, known: 0),
            Size(candidates: 12, examples: 60, kept: 1, known: 0),
            Size(candidates: 2, examples: 10, kept: 1, known: 1), Size(candidates: 1, examples: 50, kept: 1, known: 0),
            Size(candidates: 7, examples: 3, kept: 0, known: 0), Size(candidates: 300, examples: 40, kept: 2, known: 0),
        ], [1, 2] as [UInt64])
    func share(_ size: Size, _ seed: UInt64) throws {
        let ids = Self.ids(size.candidates)
        let examples = Self.examples(size.examples)
        let truth = Self.truth(ids, examples, seed: seed)
        let kept = Array(ids.suffix(size.kept))
        let known = truth.filter { kept.prefix(size.known).contains($0.key) }
        let race = Race(candidates: ids, kept: Set(kept), known: size.known, examples: examples)
        let (standing, scores, made) = try Self.run(race, truth, from: known)
        #expect(made.count <= race.schedule.calls)
        let asked = size.candidates - size.known
        #expect(race.schedule.calls <= asked * size.examples)
        if asked >= 24 { #expect(race.schedule.calls <= asked * size.examples / 5) }
        guard case .finished(let winner) = standing.step else { return #expect(Bool(false)) }
        #expect(scores[winner]?.count == size.examples)
        #expect(standing.compared == size.examples)
    }

    @Test("a budget is kept to, and shortens the first block where it has to", arguments: [150, 300, 600, 1000])
    func capped(_ calls: Int) throws {
        let ids = Self.ids(40)
        let examples = Self.examples(100)
        let race = Race(candidates: ids, kept: [ids[39]], examples: examples, maximumCalls: calls)
        // The kept is the best, so that it is paid for to the end.
        let (standing, _, made) = try Self.run(race, Self.truth(ids, examples, seed: 2))
        #expect(made.count <= calls || calls < 40 + 2 * 99)
        #expect(race.schedule.firstBlock == [150: 1, 300: 2, 600: 7, 1000: 8][calls])
        guard case .finished = standing.step else { return #expect(Bool(false)) }
    }
}

@Suite struct UnreadInRaceTests {
    @Test("an answer whose judge could not be read is not asked for again, and does not count as wrong")
    func unread() throws {
        let ids = [Digest(of: "first"), Digest(of: "second")]
        let examples = (0..<20).map { ExampleID(Int64($0)) }
        let race = Race(candidates: ids, kept: [], examples: examples)
        // One is wrong once; of the other, one is not known.
        var scores: Race.Scores = [:]
        for (place, example) in examples.enumerated() {
            scores[ids[0], default: [:]][example] = place == 4 ? 0 : 1
            if place != 7 { scores[ids[1], default: [:]][example] = 1 }
        }
        let standing = try race.standing(scores, unread: [Race.Call(candidate: ids[1], example: examples[7])])
        #expect(standing.step == .finished(winner: ids[1]))
        #expect(try race.standing(scores).step != standing.step)
    }
}

@Suite struct ExampleOrderTests {
    @Test("every beginning has the answers in their proportions", arguments: [1, 2, 3] as [UInt64])
    func stratified(_ seed: UInt64) {
        let examples = SearchSamples.examples(90)
        let order = ExampleOrder.stratified(examples, seed: seed)
        #expect(Set(order) == Set(examples))
        for length in stride(from: 6, through: 90, by: 6) {
            let counts = Dictionary(grouping: order.prefix(length), by: \.expected).mapValues(\.count)
            for answer in ["a", "b", "c"] { #expect(abs((counts[answer] ?? 0) - length / 3) <= 1) }
        }
        #expect(order == ExampleOrder.stratified(examples.reversed(), seed: seed))
        #expect(order != ExampleOrder.stratified(examples, seed: seed + 1))
    }

    @Test("answers that are all different are shuffled")
    func distinct() {
        var examples = SearchSamples.examples(20)
        for index in examples.indices { examples[index].expected = "\(index)" }
        let order = ExampleOrder.stratified(examples, seed: 1)
        #expect(Set(order) == Set(examples) && order != examples)
    }
}
