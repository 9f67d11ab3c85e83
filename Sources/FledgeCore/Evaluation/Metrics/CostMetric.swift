import FledgeDocument

/// A percentile of the seconds from sending a request to the end of its answer.
struct LatencyMetric: Metric {
    let percentile: LatencyPercentile

    var name: String { "latency:p\(percentile.rawValue)" }
    var title: String { "latency p\(percentile.rawValue)" }
    func text(of value: Double, decimals: Int) -> String { "\(value.formatted(decimals: decimals)) s" }

    let isRate = false
    let concernsAnswers = false
    let standsForQuality = false
    let narrowsByRoot = false

    func estimate(from answers: MeasuredAnswers, alpha: Double) -> Estimate {
        let seconds = answers.measured.lazy.filter { $0.sample.output != nil }
            .map { Double($0.sample.latencyMicroseconds) / 1e6 }.sorted()
        guard !seconds.isEmpty else {
            return Estimate(value: .nan, bounds: Bounds(lower: 0, upper: 0), count: 0, problem: "every call failed")
        }
        let quantile = Double(percentile.rawValue) / 100
        let rank = max(1, Int(saturating: (quantile * Double(seconds.count)).rounded(.up)))
        return Estimate(
            value: seconds[rank - 1], bounds: .quantile(quantile, ofSorted: seconds, alpha: alpha),
            count: seconds.count)
    }

    static var numbers: [NumberRule] {
        [
            NumberRule(
                "….metric.percentile", "Latency(…)", "the percentile", 50...99, "p50, p90, p95 and p99 are known",
                code: "criterion.out_of_range")
        ]
    }
}

/// US dollars for a thousand calls.
struct CostMetric: Metric {
    let name = "cost-per-thousand-calls"
    let title = "cost of 1,000 calls"
    func text(of value: Double, decimals: Int) -> String { "$\(value.formatted(decimals: 4))" }

    let isRate = false
    let concernsAnswers = false
    let standsForQuality = false

    func estimate(from answers: MeasuredAnswers, alpha: Double) -> Estimate {
        answers.total("cost", alpha: alpha) { Double($0.costMicroDollars) / 1e3 }
    }

    /// Calls of a model without a price count as free, and would meet every bound on the cost.
    func checkFit(
        at place: CriterionPlace, in useCase: UseCaseDefinition, _ findings: inout DefinitionValidator.Findings
    ) {
        guard place.isAtGate, let model = useCase.models.first(where: { $0.isTried != false && $0.price == nil })
        else { return }
        findings.error(
            "criterion.no_price", "\(model.name) has no price, so nothing can be shown of its cost", at: place.path,
            hint: "price: .perMillionTokens(prompt: .cents(15), completion: .cents(60)), .dollars(0) where it is free")
    }
}

/// Prompt and completion tokens of a call, on average.
struct TokensMetric: Metric {
    let name = "tokens-per-call"
    let title = "tokens per call"
    func text(of value: Double, decimals: Int) -> String { value.formatted(decimals: 1) }

    let isRate = false
    let concernsAnswers = false
    let standsForQuality = false

    func estimate(from answers: MeasuredAnswers, alpha: Double) -> Estimate {
        answers.total("tokens", alpha: alpha) { Double($0.promptTokens) + Double($0.completionTokens) }
    }
}
