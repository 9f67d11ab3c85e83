import FledgeCore
import FledgeDocument
import Testing

@Suite struct PromptSearchTests {
    @Test("the first round is every prompt with every model", arguments: [1, 2, 3], [[0], [0, 4], [0, 2, 4]])
    func firstRound(_ models: Int, _ demonstrations: [Int]) {
        let names = (0..<models).map { "model\($0)" }
        let search = SearchSamples.search(SearchSamples.prototype(demonstrations: demonstrations), models: names)
        let candidates = search.candidates(round: 1, scored: [])
        #expect(candidates.count == models * demonstrations.count)
        #expect(Set(candidates.map(\.model)) == Set(names))
        #expect(Set(candidates.map(\.id)).count == candidates.count)
        #expect(candidates.allSatisfy { $0.choices == ["a", "b", "c"] })
    }

    @Test("each later round gives new candidates alone, with names of their own")
    func laterRounds() {
        let search = SearchSamples.search(SearchSamples.prototype())
        var scored = SearchSamples.scored(search.candidates(round: 1, scored: []))
        for round in 2...4 {
            let fresh = search.candidates(round: round, scored: scored)
            #expect(!fresh.isEmpty)
            #expect(Set(fresh.map(\.id)).isDisjoint(with: scored.map(\.candidate.id)))
            #expect(Set(fresh.map(\.name)).count == fresh.count)
            #expect(fresh == search.candidates(round: round, scored: scored))
            scored += SearchSamples.scored(fresh)
        }
    }

    @Test("variations of two models' same prompt can be told apart by name")
    func names() {
        let search = SearchSamples.search(SearchSamples.prototype(demonstrations: [4]))
        let scored = SearchSamples.scored(search.candidates(round: 1, scored: []))
        #expect(search.candidates(round: 2, scored: scored).map(\.name) == ["shots4/2a", "shots4/2b", "shots4/2c"])
    }

    @Test("prompts without demonstrations leave nothing to vary")
    func nothingToVary() {
        let search = SearchSamples.search(SearchSamples.prototype(demonstrations: [0]))
        #expect(
            search.candidates(round: 2, scored: SearchSamples.scored(search.candidates(round: 1, scored: []))) == [])
    }

    @Test("the best comes first: by score, then by the cheaper prompt, then by name")
    func ranked() {
        func scored(_ name: String, _ score: Double, _ tokens: Int) -> PromptSearch.Scored {
            PromptSearch.Scored(
                candidate: Candidate(
                    name: name, system: nil, user: name, demonstrations: [], model: "m", decoding: DecodingDefinition(),
                    choices: nil),
                score: score, promptTokens: tokens)
        }
        let ordered = [scored("d", 0.9, 50), scored("b", 0.8, 10), scored("a", 0.8, 20), scored("c", 0.8, 20)]
        #expect(PromptSearch.ranked(ordered.reversed()) == ordered)
    }

    @Test(
        "answers are constrained as the definition says",
        arguments: [
            (ChoiceConstraint.none, nil), (.labels, ["a", "b", "c"]), (.list(["x"]), ["x"]),
        ] as [(ChoiceConstraint, [String]?)])
    func choices(_ constraint: ChoiceConstraint, _ expected: [String]?) {
        let search = SearchSamples.search(SearchSamples.prototype(choices: constraint))
        #expect(search.candidates(round: 1, scored: []).allSatisfy { $0.choices == expected })
    }
}
