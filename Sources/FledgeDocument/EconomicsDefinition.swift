/// How often production is expected to call, and for how long.
public struct ForecastDefinition: Codable, Hashable, Sendable {
    /// Calls in one period.
    public var calls: Int
    public var period: ForecastPeriod
    /// The number of periods over which what is spent on tuning has to come back.
    public var horizon: HorizonDefinition

    public init(calls: Int, period: ForecastPeriod, horizon: HorizonDefinition = .init(count: 12, unit: .month)) {
        self.calls = calls
        self.period = period
        self.horizon = horizon
    }
}

/// A length of time that calls are counted in.
public enum ForecastPeriod: String, Codable, Hashable, Sendable, CaseIterable {
    /// A period of the calendar.
    case day, week, month, year

    /// Mean length in the Gregorian calendar.
    public var days: Double {
        switch self {
        case .day: 1
        case .week: 7
        case .month: 30.436875
        case .year: 365.2425
        }
    }
}

/// So many days, weeks, months or years.
public struct HorizonDefinition: Codable, Hashable, Sendable {
    public var count: Int
    public var unit: ForecastPeriod

    public init(count: Int, unit: ForecastPeriod) {
        self.count = count
        self.unit = unit
    }
}

/// What people's and machines' time costs, for the question whether tuning pays. What is absent is unknown, not zero.
public struct CostsDefinition: Codable, Hashable, Sendable {
    public var perLabelMicroDollars: Int64?
    public var perTrainingHourMicroDollars: Int64?
    /// The price of the tuned model's tokens, where it is not that of the base model.
    public var tunedPrice: TokenPrice?

    public init(
        perLabelMicroDollars: Int64? = nil, perTrainingHourMicroDollars: Int64? = nil, tunedPrice: TokenPrice? = nil
    ) {
        self.perLabelMicroDollars = perLabelMicroDollars
        self.perTrainingHourMicroDollars = perTrainingHourMicroDollars
        self.tunedPrice = tunedPrice
    }
}
