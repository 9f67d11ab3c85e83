import FledgeCore
import FledgeDocument
import Testing

@Suite struct PrototypeSplitTests {
    @Test("no group stands on both sides, and no example is lost", arguments: [3, 10, 31, 90], [0, 1, 4, 20])
    func groupsStayWhole(_ count: Int, _ demonstrations: Int) {
        let examples = SearchSamples.examples(count)
        let split = PrototypeSplit(
            examples: examples, definition: SearchSamples.prototype(demonstrations: [demonstrations]), seed: 3)
        let pool = Set(split.demonstrationPool.map(\.group))
        #expect(pool.isDisjoint(with: split.scored.map(\.group)))
        #expect(Set(split.demonstrationPool + split.scored) == Set(examples))
        #expect(demonstrations > 0 || pool.isEmpty)
    }

    @Test("demonstrations never come from the scored examples", arguments: [1, 3, 6, 500])
    func demonstrationsAreUnseen(_ count: Int) {
        let split = PrototypeSplit(examples: SearchSamples.examples(90), definition: SearchSamples.prototype(), seed: 3)
        let scored = Set(split.scored.map(\.inputs))
        let drawn = split.demonstrations(count, seed: 5)
        #expect(drawn.count == min(count, split.demonstrationPool.count))
        #expect(scored.isDisjoint(with: drawn.map(\.inputs)))
        #expect(Set(drawn).count == drawn.count)
    }

    @Test("the same seed gives the same cut and draw, whatever the rows' order; another gives others")
    func deterministic() {
        let examples = SearchSamples.examples(90)
        let definition = SearchSamples.prototype()
        let split = PrototypeSplit(examples: examples, definition: definition, seed: 3)
        let again = PrototypeSplit(examples: examples.reversed(), definition: definition, seed: 3)
        #expect(split.scored == again.scored && split.demonstrationPool == again.demonstrationPool)
        #expect(split.demonstrations(4, seed: 5) == again.demonstrations(4, seed: 5))
        #expect(split.demonstrations(4, seed: 5) != split.demonstrations(4, seed: 6))
        #expect(split.scored != PrototypeSplit(examples: examples, definition: definition, seed: 4).scored)
    }

    @Test("demonstrations are spread over the answers", arguments: 1...12)
    func spread(_ count: Int) {
        let split = PrototypeSplit(examples: SearchSamples.examples(90), definition: SearchSamples.prototype(), seed: 3)
        let byAnswer = Dictionary(grouping: split.demonstrations(count, seed: 5), by: \.output).mapValues(\.count)
        let counts = ["a", "b", "c"].map { byAnswer[$0] ?? 0 }
        #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
    }

    @Test("a round scores no more examples than the definition asks for")
    func capped() {
        let definition = SearchSamples.prototype(rounds: RoundsDefinition(examples: 10, maximum: 2))
        #expect(
            PrototypeSplit(examples: SearchSamples.examples(90), definition: definition, seed: 3).scored.count == 10)
    }
}
