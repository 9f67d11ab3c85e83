/// The exact test for two candidates that answered the same examples: of the examples that only one of them got right,
/// each is a fair coin when they are equally good (McNemar, Psychometrika 12, 1947).
package struct McNemar: Hashable, Sendable, Codable {
    /// Examples that only the challenger got right, and examples that only the champion did.
    package var wins: Int
    package var losses: Int

    package init(wins: Int, losses: Int) {
        self.wins = wins
        self.losses = losses
    }

    /// Of pairs: whether the challenger, and whether the champion, answered an example rightly.
    package init(_ pairs: [(Bool, Bool)]) {
        self.init(wins: pairs.count { $0.0 && !$0.1 }, losses: pairs.count { $0.1 && !$0.0 })
    }

    package var discordant: Int { wins + losses }

    /// P(so many wins or more) when neither is better: small when the challenger is better.
    package var pBetter: Double { 1 - Binomial.atMost(wins - 1, of: discordant, rate: 0.5) }

    /// P(so few wins or fewer) when neither is better: small when the challenger is worse.
    package var pWorse: Double { Binomial.atMost(wins, of: discordant, rate: 0.5) }
}
