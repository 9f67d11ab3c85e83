/// How often production is expected to call, and over how long what is spent on tuning has to come back.
///
/// ```swift
/// Forecast(calls: 40_000, per: .month, horizon: .months(12))
/// ```
public struct Forecast: UseCaseElement {
    let definition: ForecastDefinition
    let line: Int

    /// Says how often production calls.
    ///
    /// - Parameters:
    ///   - calls: how many calls in one period: 0 and more.
    ///   - period: what the calls are counted over.
    ///   - horizon: over how long what tuning costs has to come back; a year unless said.
    ///   - line: the line on which it is written.
    public init(
        calls: Int, per period: ForecastPeriod, horizon: HorizonDefinition = .months(12), line: Int = #line
    ) {
        definition = ForecastDefinition(calls: calls, period: period, horizon: horizon)
        self.line = line
    }

    public func lower(into definition: inout UseCaseDefinition, at path: String, noting locations: inout Locations) {
        locations.note("forecast", line)
        definition.forecast = self.definition
    }
}

/// What labels, training time and the tuned model's tokens cost. What is not said counts as unknown, never as nothing.
///
/// ```swift
/// Costs(perLabel: .cents(10), perTrainingHour: .dollars(1.20))
/// ```
public struct Costs: UseCaseElement {
    let definition: CostsDefinition
    let line: Int

    /// - Parameters:
    ///   - perLabel: the price of one labelled training example; nothing where labels are there anyway.
    ///   - perTrainingHour: the price of one hour of the machine that trains.
    ///   - tuned: the tuned model's tokens, where their price is not the base model's.
    ///   - line: the line on which it is written.
    public init(
        perLabel: Money? = nil, perTrainingHour: Money? = nil, tuned: Price? = nil, line: Int = #line
    ) {
        definition = CostsDefinition(
            perLabelMicroDollars: perLabel?.microDollars, perTrainingHourMicroDollars: perTrainingHour?.microDollars,
            tunedPrice: tuned?.tokens)
        self.line = line
    }

    public func lower(into definition: inout UseCaseDefinition, at path: String, noting locations: inout Locations) {
        locations.note("costs", line)
        definition.costs = self.definition
    }
}

extension HorizonDefinition {
    /// A horizon of so many days.
    public static func days(_ count: Int) -> HorizonDefinition { .init(count: count, unit: .day) }

    /// A horizon of so many weeks.
    public static func weeks(_ count: Int) -> HorizonDefinition { .init(count: count, unit: .week) }

    /// A horizon of so many months.
    public static func months(_ count: Int) -> HorizonDefinition { .init(count: count, unit: .month) }

    /// A horizon of so many years.
    public static func years(_ count: Int) -> HorizonDefinition { .init(count: count, unit: .year) }
}
