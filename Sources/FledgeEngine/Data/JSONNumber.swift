/// A number as a JSON file writes it.
enum JSONNumber {
    /// The text that Fledge kept before it kept numbers as they are written: whole numbers below 2⁶³ without fraction or
    /// exponent, others as the shortest text of the nearest double.
    static func rounded(_ text: String) -> String {
        if let whole = Int64(text) { return String(whole) }
        guard let value = Double(text) else { return text }
        return Int64(exactly: value).map(String.init) ?? String(value)
    }
}
