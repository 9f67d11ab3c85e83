extension ErrorCatalogue {
    /// `forecast.…`
    static let forecast: [ErrorEntry] = [
        ErrorEntry(
            "forecast.bad_calls", .permanent, .badData,
            "The calls of Forecast are out of their range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "forecast.bad_horizon", .permanent, .badData,
            "The horizon of Forecast is out of its range.",
            "Write a number in the range that the message names."),
    ]
}
