import FledgeCore
import FledgeEngine

/// What applying an edit does, and what that can cost.
enum EditText {
    static func effect(_ effect: EditEffect) -> [String] {
        let serving = effect.serving.map { "; release \($0) goes on serving" } ?? ""
        var lines: [String] = []
        switch effect.kind {
        case .none: return []
        case .adopted:
            let cycle = effect.cycle.map { "cycle \($0)" } ?? "the cycle"
            return ["it asks for no new evidence: no cycle starts, \(cycle) takes it over as it stands\(serving)"]
        case .startsCycle: lines.append("it asks for new evidence, and starts a cycle\(serving)")
        case .waitsForCycle:
            lines.append(
                "it asks for new evidence, and starts a cycle when cycle \(effect.cycle ?? 0), which is under way, stands in "
                    + "production or is blocked\(serving)")
        }
        if let forecast = effect.forecast { lines += self.forecast(forecast).map { "  \($0)" } }
        if let holdout = effect.holdout { lines += self.holdout(holdout) }
        return lines
    }

    static func holdout(_ holdout: HoldoutForecast) -> [String] {
        let sentences = holdout.sentences
        return sentences.isEmpty ? [] : ["  holdout: " + sentences[0]] + sentences.dropFirst().map { "  \($0)" }
    }

    private static func forecast(_ forecast: CycleForecast) -> [String] {
        let search =
            forecast.searchCalls.map { "at most \($0) to search" } ?? "to search, without a bound (no Budget(calls:))"
        let gates = forecast.gates == 1 ? "for a gate" : "for each gate, and \(forecast.gates) gates where it trains"
        var lines = ["calls: \(search), \(forecast.gateCalls) \(gates); answers in the cache are not asked again"]
        if forecast.hasJudge { lines.append("the judge's calls come besides") }
        if let cost = forecast.costMicroDollars {
            lines.append("cost: at most \(ValueText.dollars(cost)) at the models' prices")
        } else {
            lines.append("cost: not known without a price for every model and a Budget(calls:)")
        }
        if let training = forecast.training {
            let cost = training.costMicroDollars.map { ", at most \(ValueText.dollars($0))" } ?? ""
            lines.append(
                "training: where prompting does not do, on up to \(training.examples) examples, \(training.epochs) epochs, "
                    + "at most \(ValueText.span(training.seconds))\(cost)")
        }
        return lines
    }
}
