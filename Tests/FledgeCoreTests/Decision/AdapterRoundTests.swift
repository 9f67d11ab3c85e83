import FledgeCore
import FledgeDocument
import Testing

@Suite struct AdapterRoundTests {
    private static func candidate(_ name: String, shots: Int = 0, model: String = "m", adapter: Bool = false)
        -> Candidate
    {
        Candidate(
            name: name, system: name.split(separator: "/").first.map(String.init), user: "{{q}}",
            demonstrations: (0..<shots).map { Demonstration(inputs: ["q": "\($0)"], output: "a") }, model: model,
            decoding: DecodingDefinition(), choices: nil, adapter: adapter ? Digest(of: "adapter") : nil)
    }

    private static let ranked = [
        candidate("few/2a", shots: 4), candidate("other", shots: 0, model: "big"), candidate("plain"), candidate("few"),
    ].enumerated().map { PromptSearch.Scored(candidate: $1, score: 1 - Double($0) / 10, promptTokens: 9) }

    @Test("the trained prompt comes first, then the best with and without demonstrations, each once, up to the limit")
    func candidates() {
        let trained = Self.candidate("few", adapter: true)
        let names = { (limit: Int) in
            AdapterRound.candidates(trained: trained, ranked: Self.ranked, limit: limit).map(\.name)
        }
        #expect(names(1) == ["few"])
        #expect(names(2) == ["few", "few/2a+lora"])
        #expect(names(9) == ["few", "few/2a+lora", "plain+lora"])
        #expect(
            AdapterRound.candidates(trained: trained, ranked: Self.ranked, limit: 9).allSatisfy {
                $0.adapter == trained.adapter && $0.model == "m"
            })
    }

    @Test("a prompt of the first round has another name with its demonstrations than without")
    func names() {
        let first = PromptSearch.Scored(candidate: Self.candidate("some", shots: 4), score: 1, promptTokens: 9)
        let names = AdapterRound.candidates(
            trained: Self.candidate("few", adapter: true), ranked: [first], limit: 3
        ).map(\.name)
        #expect(names == ["few", "some/shown+lora", "some+lora"])
    }
}
