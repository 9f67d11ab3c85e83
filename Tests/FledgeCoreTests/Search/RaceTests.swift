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
    private static func run(_ race: Race, _ truth: Race.Scores, from start: Race.Scores = [:]) -> (
        Race.Standing, Race.Scores, [Race.Call]
    ) {
        var scores = start
        var made: [Race.Call] = []
        while true {
            let standing = race.standing(scores)
            guard case .score(let calls) = standing.step else { return (standing, scores, made) }
            for call in calls {
                #expect(scores[call.candidate]?[call.example] == nil)
                scores[call.candidate, default: [:]][call.example] = truth[call.candidate]?[call.example]
                made.append(call)
            }
        }
    }

    @Test("the best is found for a fraction of the calls", arguments: 1...8 as ClosedRange<UInt64>)
    func finds(_ seed: UInt64) {
        let ids = Self.ids(32)
        let examples = Self.examples(200)
        let truth = Self.truth(ids, examples, seed: seed)
        let race = Race(candidates: ids, kept: [ids[0]], examples: examples)
        let (standing, scores, made) = Self.run(race, truth)
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
    func resumes(_ cut: Int) {
        let ids = Self.ids(12)
        let examples = Self.examples(60)
        let truth = Self.truth(ids, examples, seed: 4)
        let race = Race(candidates: ids, kept: [ids[0]], examples: examples)
        let (standing, _, made) = Self.run(race, truth)
        var recorded: Race.Scores = [:]
        for call in made.prefix(cut) {
            recorded[call.candidate, default: [:]][call.example] = truth[call.candidate]?[call.example]
        }
        let (again, _, rest) = Self.run(race, truth, from: recorded)
        #expect(again == standing)
        #expect(Set(made.prefix(cut)).isDisjoint(with: rest))
        #expect(Set(made.prefix(cut) + rest) == Set(made))
    }

    @Test("calls of one candidate follow each other, in the given order of the candidates")
    func ordered() {
        let ids = Self.ids(5)
        let race = Race(candidates: ids, kept: [], examples: Self.examples(40))
        guard case .score(let calls) = race.standing([:]).step else { return _ = Issue.record("nothing is asked") }
        let places = calls.compactMap { ids.firstIndex(of: $0.candidate) }
        #expect(places == places.sorted())
        #expect(Set(calls.map(\.example)).count * 5 == calls.count)
    }

    @Test("an incumbent that is scored already costs nothing, and stays")
    func incumbent() {
        let ids = Self.ids(6)
        let examples = Self.examples(50)
        let truth = Self.truth(ids, examples, seed: 9)
        let race = Race(candidates: ids, kept: [ids[5]], known: 1, examples: examples)
        let (standing, _, made) = Self.run(race, truth, from: [ids[5]: truth[ids[5]] ?? [:]])
        #expect(!made.contains { $0.candidate == ids[5] })
        #expect(standing.step == .finished(winner: ids[5]))
        #expect(made.count < 5 * 50)
    }

    @Test("on equal scores the earlier candidate is ahead")
    func ties() {
        let ids = Self.ids(4)
        let examples = Self.examples(20)
        let same = Dictionary(uniqueKeysWithValues: examples.map { ($0, 1.0) })
        let truth = Dictionary(uniqueKeysWithValues: ids.map { ($0, same) })
        #expect(
            Self.run(Race(candidates: ids, kept: [], examples: examples), truth).0.step == .finished(winner: ids[0]))
    }

    struct Size: Sendable { let candidates, examples, kept, known: Int }

    @Test(
        "a schedule keeps to its share, drops more and more, and never the kept",
        arguments: [
            Size(candidates: 64, examples: 200, kept: 1, known: 0),
            Size(candidates: 24, examples: 240, kept: 1, known: 1),
            Size(candidates: 2, examples: 10, kept: 1, known: 1), Size(candidates: 1, examples: 50, kept: 1, known: 0),
            Size(candidates: 7, examples: 3, kept: 0, known: 0), Size(candidates: 300, examples: 40, kept: 2, known: 0),
        ])
    func schedule(_ size: Size) {
        let schedule = RaceSchedule(
            candidates: size.candidates, examples: size.examples, kept: size.kept, known: size.known)
        let survivors = schedule.looks.map(schedule.survivors)
        #expect(survivors == survivors.sorted(by: >))
        #expect(survivors.allSatisfy { $0 >= max(1, size.kept) && $0 <= size.candidates })
        #expect(schedule.looks.last == size.examples)
        let exhaustive = (size.candidates - size.known) * size.examples
        #expect(schedule.calls <= exhaustive)
        let spared = (size.kept - size.known) * size.examples
        #expect(schedule.firstBlock == min(6, size.examples) || schedule.calls - spared <= exhaustive / 5)
    }

    @Test("a budget shortens the first block", arguments: [600, 800, 1000])
    func capped(_ calls: Int) {
        let schedule = RaceSchedule(candidates: 40, examples: 100, kept: 1, maximumCalls: calls)
        #expect(schedule.calls <= calls)
        #expect(schedule.firstBlock < RaceSchedule(candidates: 40, examples: 100, kept: 1).firstBlock || calls == 1000)
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
