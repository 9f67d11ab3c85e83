/// What a use case may use in one period, in all of its cycles together; the first bound that is reached stops it.
public struct SpendDefinition: Codable, Hashable, Sendable {
    public var costMicroDollars: Int64?
    public var calls: Int?
    public var tokens: Int?
    public var period: ForecastPeriod
    /// The IANA time zone in which a period begins; UTC when absent.
    public var zone: String?

    public init(
        costMicroDollars: Int64? = nil, calls: Int? = nil, tokens: Int? = nil, period: ForecastPeriod,
        zone: String? = nil
    ) {
        self.costMicroDollars = costMicroDollars
        self.calls = calls
        self.tokens = tokens
        self.period = period
        self.zone = zone
    }
}
