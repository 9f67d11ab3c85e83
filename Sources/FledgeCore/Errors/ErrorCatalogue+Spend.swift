extension ErrorCatalogue {
    /// `spend.…`
    static let spend: [ErrorEntry] = [
        ErrorEntry(
            .spendCapReached, .needsPerson, .badData, http: 422,
            "The cap on spending of this period is reached.",
            "Wait for the next period, or raise Spend and apply the definition."),
        ErrorEntry(
            "spend.no_cap", .permanent, .badData,
            "Spend caps nothing.",
            "Name what it caps."),
        ErrorEntry(
            "spend.no_price", .permanent, .success,
            "A model has no price, so its calls count as free.",
            "Give the model a price."),
        ErrorEntry(
            "spend.not_positive", .permanent, .badData,
            "A cap of Spend is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            .spendReserved, .transient, .tryAgain,
            "What is left under the cap is set aside for other calls.",
            "Nothing: it is tried again."),
        ErrorEntry(
            "spend.unknown_zone", .permanent, .badData,
            "The time zone of Spend is not known.",
            "Write an IANA name, such as Europe/Berlin."),
    ]
}

extension FledgeError.Code {
    package static let spendCapReached: Self = "spend.cap_reached"
    package static let spendReserved: Self = "spend.reserved"
}
