import FledgeDocument

/// What is left of a holdout for a definition, before a look is taken.
package struct HoldoutForecast: Codable, Hashable, Sendable {
    /// Rows with which a look can be expected to pass.
    package struct Rows: Codable, Hashable, Sendable {
        /// How far the candidate's true rate is above the bar, 0…1.
        package var margin: Double
        package var rows: Int
    }

    /// Rows of the holdout, and those of them whose error budget bears another look.
    package var examples: Int
    package var usable: Int
    package var looksAllowed: Int
    /// How many more looks it bears, were all of them at the same rows.
    package var looksLeft: Int
    /// The error rate of the strictest criterion, of one look, and what is left of it for the rows that are usable.
    package var alpha: Double
    package var alphaOfLook: Double
    package var alphaLeft: Double
    package var isExhausted: Bool
    /// Where it is exhausted: the fresh rows with which the next look would pass if every answer were right.
    package var freshIfAllRight: Int?
    /// Usable rows that a candidate needs which is truly so far above the highest bar, to pass four times in five.
    package var rowsNeeded: [Rows]

    package init(spent: [HoldoutBudget.Spent], validation: ValidationDefinition) {
        let budget = HoldoutBudget(spent: spent, validation: validation)
        let confidences = validation.require.map(\.confidence) + (validation.comparisons ?? []).map(\.confidence)
        alpha = 1 - (confidences.min() ?? 0.95)
        examples = budget.total
        usable = budget.usable.count
        looksAllowed = validation.holdoutLooks
        isExhausted = budget.isExhausted
        alphaOfLook = alpha * budget.share
        let open = spent.filter { $0.share + budget.share <= 1 + 1e-9 }
        alphaLeft = alpha * (1 - (open.map(\.share).max() ?? 1))
        func isSpent(after looks: Int) -> Bool {
            let later = spent.map {
                HoldoutBudget.Spent(
                    example: $0.example, share: $0.share + Double(looks) * budget.share, looks: $0.looks)
            }
            return HoldoutBudget(spent: later, validation: validation).isExhausted
        }
        // More looks never leave more: the first that exhausts it is found by halving.
        var looks = 0
        var exhausting = min(max(1, validation.holdoutLooks), Self.mostLooks)
        while looks < exhausting {
            let middle = (looks + exhausting) / 2
            if isSpent(after: middle) { exhausting = middle } else { looks = middle + 1 }
        }
        looksLeft = looks
        freshIfAllRight = budget.isExhausted ? budget.freshNeeded.least : nil
        let alphaOfLook = alphaOfLook
        rowsNeeded = Self.margins.compactMap { margin in
            let needed = validation.require.compactMap { criterion -> Int? in
                guard criterion.metric.metric.isMeanOfScores,
                    case .atLeast(let bar) = criterion.bound, bar + margin <= 1
                else { return nil }
                return HoldoutPower.rows(
                    bar: bar, truth: bar + margin,
                    alpha: (1 - criterion.confidence) * alphaOfLook / max(1 - (confidences.min() ?? 0.95), .ulpOfOne))
            }
            return needed.max().map { Rows(margin: margin, rows: $0) }
        }
    }

    /// As many as a definition may ask for: one that was stored earlier may say more.
    private static let mostLooks = 1000
    private static let margins = [0.05, 0.1]

    /// In sentences, for people.
    package var sentences: [String] {
        guard examples > 0 else { return [] }
        var sentences = [
            "\(usable) of \(examples) rows can be looked at; \(Self.counted(looksLeft, "look")) of \(looksAllowed) left, "
                + "α \(Self.rate(alphaLeft)) of \(Self.rate(alpha)), \(Self.rate(alphaOfLook)) a look"
        ]
        if isExhausted {
            let few =
                freshIfAllRight.map { ": with \($0) fresh rows one would pass only if every answer were right" } ?? ""
            sentences.append("no look is possible\(few)")
        }
        let needed = rowsNeeded.map {
            "\($0.rows) usable rows where it is truly \(Int(saturating: ($0.margin * 100).rounded())) points above the bar"
        }
        if !needed.isEmpty {
            sentences.append(
                "to pass four times in five a candidate needs \(needed.joined(separator: ", ")) (exact binomial)")
        }
        return sentences
    }

    private static func counted(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }
    private static func rate(_ value: Double) -> String { value.formatted(decimals: 4) }
}
