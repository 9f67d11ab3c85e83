/// One setting: how it is read, and what is said of it wherever settings are listed.
struct Setting<Value: Sendable>: DescribedSetting {
    let key: DaemonSettings.Key
    let meaning: String
    let form: String
    /// The value where the setting is not set.
    let standard: Value
    let shownStandard: String?
    let example: String
    let more: String?
    let parse: @Sendable (String) -> Value?

    init(
        _ key: DaemonSettings.Key, _ meaning: String, form: String, unlessSaid standard: Value, shown: String? = nil,
        example: String, more: String? = nil, _ parse: @escaping @Sendable (String) -> Value?
    ) {
        self.key = key
        self.meaning = meaning
        self.form = form
        self.standard = standard
        shownStandard = shown
        self.example = example
        self.more = more
        self.parse = parse
    }

    func reads(_ text: String) -> Bool { parse(text) != nil }
}

/// What is said of a setting, whatever its values are.
protocol DescribedSetting: Sendable {
    var key: DaemonSettings.Key { get }
    /// What it is for, without a full stop.
    var meaning: String { get }
    /// What may be written, as it stands behind "it is".
    var form: String { get }
    /// The default as it is shown; nil for a setting without one.
    var shownStandard: String? { get }
    var example: String { get }
    /// Sentences for those who want to know more than `fledged --help` says.
    var more: String? { get }

    /// Whether a text is a value of it.
    func reads(_ text: String) -> Bool
}

extension Setting where Value == Double {
    static func number(
        _ key: DaemonSettings.Key, _ meaning: String, in range: ClosedRange<Int>, unlessSaid standard: Int,
        example: String, more: String? = nil
    ) -> Self {
        let whole = Double(range.lowerBound)...Double(range.upperBound)
        return Self(
            key, meaning, form: "a number from \(range.lowerBound) to \(range.upperBound)",
            unlessSaid: Double(standard), shown: String(standard), example: example, more: more
        ) { text in
            Double(text).flatMap { whole.contains($0) ? $0 : nil }
        }
    }
}

extension Setting where Value == Bool {
    static func choice(
        _ key: DaemonSettings.Key, _ meaning: String, unlessSaid standard: Bool, more: String? = nil
    ) -> Self {
        Self(
            key, meaning, form: "true or false", unlessSaid: standard, shown: "\(standard)", example: "\(!standard)",
            more: more
        ) { Bool($0) }
    }
}
