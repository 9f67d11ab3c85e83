import FledgeDocument

extension TokenPrice {
    /// What definitions may say at the most: $2000 for a million tokens, a few times what the dearest model costs.
    package static let maximum: Int64 = 2_000_000_000

    /// Micro-dollars, rounded up to a whole one.
    ///
    /// Counted in 128 bits: the token counts are a server's word, and no word of a server may end a daemon.
    package func cost(promptTokens: Int, completionTokens: Int) -> Int64 {
        let cost =
            Int128(promptTokens) * Int128(promptMicroDollarsPerMillion)
            + Int128(completionTokens) * Int128(completionMicroDollarsPerMillion)
        return Int64(clamping: (cost + 999_999) / 1_000_000)
    }
}

extension ModelDefinition {
    /// Micro-dollars, rounded up; 0 for a model without a price.
    package func cost(promptTokens: Int, completionTokens: Int) -> Int64 {
        price?.cost(promptTokens: promptTokens, completionTokens: completionTokens) ?? 0
    }
}
