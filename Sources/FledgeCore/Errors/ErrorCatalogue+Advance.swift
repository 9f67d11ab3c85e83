extension ErrorCatalogue {
    /// `advance.…`
    static let advance: [ErrorEntry] = [
        ErrorEntry(
            "advance.bad_plateau", .permanent, .badData,
            "A plateau has no rounds, or a gain below zero.",
            "Give it at least one round and a gain of 0 or more."),
        ErrorEntry(
            "advance.only_at_the_gate", .permanent, .badData,
            "Robustness is asked for before the gate, where it is not measured.",
            "Move Robustness to the Require block."),
    ]
}
