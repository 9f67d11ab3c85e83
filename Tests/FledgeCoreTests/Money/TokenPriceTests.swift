import FledgeCore
import FledgeDocument
import Testing

@Suite("What tokens cost")
struct TokenPriceTests {
    @Test(
        "a cost is rounded up to a whole micro-dollar, and no count of tokens is too many to be priced",
        arguments: [
            (0, 0, 0), (1, 0, 1), (3, 2, 2), (1_000_000, 0, 150_000), (0, 1_000_000, 600_000),
            (Int.max, Int.max, 6_917_529_027_641_081_856),
        ] as [(Int, Int, Int64)])
    func cost(prompt: Int, completion: Int, expected: Int64) {
        let price = TokenPrice(promptMicroDollarsPerMillion: 150_000, completionMicroDollarsPerMillion: 600_000)
        let dearest = TokenPrice(promptMicroDollarsPerMillion: .max, completionMicroDollarsPerMillion: .max)
        #expect(price.cost(promptTokens: prompt, completionTokens: completion) == expected)
        #expect(dearest.cost(promptTokens: prompt, completionTokens: completion) >= expected)
    }
}
