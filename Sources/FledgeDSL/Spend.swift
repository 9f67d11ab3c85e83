/// What the use case may spend in a period on model calls, whichever stage, cycle or daemon makes them.
///
/// ```swift
/// Spend(.dollars(50), per: .month, in: "Europe/Berlin")
/// ```
public struct Spend: UseCaseElement {
    let definition: SpendDefinition
    let line: Int

    /// - Parameters:
    ///   - cost: at the models' prices; a model without a price counts as free.
    ///   - calls: calls to models, 1 and more.
    ///   - tokens: prompt and completion tokens together, 1 and more.
    ///   - period: what is counted together.
    ///   - zone: the IANA time zone in which a period begins; UTC unless said.
    ///   - line: the line on which it is written.
    public init(
        _ cost: Money? = nil, calls: Int? = nil, tokens: Int? = nil, per period: ForecastPeriod,
        in zone: String? = nil, line: Int = #line
    ) {
        definition = SpendDefinition(
            costMicroDollars: cost?.microDollars, calls: calls, tokens: tokens, period: period, zone: zone)
        self.line = line
    }

    public func lower(into definition: inout UseCaseDefinition, at path: String, noting locations: inout Locations) {
        locations.note("spend", line)
        definition.spend = self.definition
    }
}
