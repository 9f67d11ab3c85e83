/// How a judge's ratings of answers agree with people's.
package struct ConfusionMatrix: Codable, Hashable, Sendable {
    /// People passed the answer, and so did the judge.
    package var truePasses: Int
    /// People passed it, the judge did not.
    package var falseFails: Int
    /// People did not pass it, the judge did.
    package var falsePasses: Int
    package var trueFails: Int

    package init(truePasses: Int = 0, falseFails: Int = 0, falsePasses: Int = 0, trueFails: Int = 0) {
        self.truePasses = truePasses
        self.falseFails = falseFails
        self.falsePasses = falsePasses
        self.trueFails = trueFails
    }

    package mutating func add(person: Bool, judge: Bool) {
        switch (person, judge) {
        case (true, true): truePasses += 1
        case (true, false): falseFails += 1
        case (false, true): falsePasses += 1
        case (false, false): trueFails += 1
        }
    }

    /// Answers that people passed.
    package var passes: Int { truePasses + falseFails }
    /// Answers that people did not pass.
    package var fails: Int { falsePasses + trueFails }
    package var count: Int { passes + fails }

    /// The share of answers on which both say the same; nil without answers.
    package var agreement: Double? { count == 0 ? nil : Double(truePasses + trueFails) / Double(count) }

    /// Of the answers that people passed, the share that the judge passes; nil without any.
    package var sensitivity: Double? { passes == 0 ? nil : Double(truePasses) / Double(passes) }

    /// Of the answers that people did not pass, the share that the judge does not pass; nil without any.
    package var specificity: Double? { fails == 0 ? nil : Double(trueFails) / Double(fails) }

    /// Exact one-sided bounds, each wrong with probability at most `alpha`.
    package func sensitivityBounds(alpha: Double) -> Bounds {
        .clopperPearson(successes: truePasses, trials: passes, alpha: alpha)
    }

    package func specificityBounds(alpha: Double) -> Bounds {
        .clopperPearson(successes: trueFails, trials: fails, alpha: alpha)
    }

    /// Cohen's κ (Educational and Psychological Measurement 20, 1960): the agreement above what chance would give;
    /// nil where chance alone would always agree.
    package var kappa: Double? {
        guard let observed = agreement else { return nil }
        let n = Double(count)
        let judgePasses = Double(truePasses + falsePasses)
        let byChance = (Double(passes) * judgePasses + Double(fails) * (n - judgePasses)) / (n * n)
        return byChance < 1 ? (observed - byChance) / (1 - byChance) : nil
    }

    /// A lower bound for Youden's J = sensitivity + specificity − 1 (Cancer 3, 1950), wrong with probability at most
    /// `alpha`: two exact bounds that share it. A judge with J ≤ 0 tells good answers from bad ones no better than a coin.
    package func youdenLowerBound(alpha: Double) -> Double {
        sensitivityBounds(alpha: alpha / 2).lower + specificityBounds(alpha: alpha / 2).lower - 1
    }
}
