import FledgeDocument

extension DefinitionValidator {
    /// Micro-dollars: more is a slip of the pen.
    private static let maximumCost: Int64 = 10_000_000_000_000

    static func checkEconomics(_ useCase: UseCaseDefinition, _ findings: inout Findings) {
        if let count = useCase.fineTune?.adapterPrompts, !(1...16).contains(count) {
            findings.error(
                "fine_tune.bad_adapter_prompts", "\(count) prompts cannot be compared on the adapter",
                at: "fineTune.adapterPrompts", hint: "1 to 16; 1 compares nothing")
        }
        if let forecast = useCase.forecast {
            if forecast.calls < 0 {
                findings.error(
                    "forecast.bad_calls", "a forecast of \(forecast.calls) calls is below zero", at: "forecast",
                    hint: "Forecast(calls: 40_000, per: .month)")
            }
            if forecast.horizon.count < 1 {
                findings.error(
                    "forecast.bad_horizon",
                    "the forecast's horizon is shorter than one \(forecast.horizon.unit.rawValue)",
                    at: "forecast", hint: "horizon: .months(12)")
            }
        }
        guard let costs = useCase.costs else { return }
        let prices = [
            costs.perLabelMicroDollars, costs.perTrainingHourMicroDollars,
            costs.tunedPrice?.promptMicroDollarsPerMillion, costs.tunedPrice?.completionMicroDollarsPerMillion,
        ]
        if !prices.allSatisfy({ (0...maximumCost).contains($0 ?? 0) }) {
            findings.error(
                "costs.bad_price", "a cost is below zero, or above ten million dollars", at: "costs",
                hint: "Costs(perLabel: .cents(10), perTrainingHour: .dollars(1.20))")
        }
        if useCase.fineTune == nil {
            findings.warning(
                "costs.unused", "costs of tuning are given, and there is no FineTune block", at: "costs",
                hint: "add FineTune { … }, or leave Costs out")
        }
    }
}
