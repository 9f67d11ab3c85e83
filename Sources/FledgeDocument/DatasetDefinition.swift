/// Where the labelled examples are, and what their fields mean.
public struct DatasetDefinition: Codable, Hashable, Sendable {
    /// A CSV or JSON Lines file; a relative path starts at the folder of the definition file.
    public var path: String
    /// The fields that prompt templates may use.
    public var inputs: [String]
    /// The field that holds the right answer.
    public var expected: String
    /// The fields that hold a better and a worse answer, from which fine-tuning learns besides.
    public var preferences: PreferencesDefinition?
    /// The field whose equal values never straddle splits, such as a customer or a document.
    public var group: String?
    public var split: SplitDefinition?
    /// What happens with rows that leak from one split to another; such data is refused when absent.
    public var leaks: LeakHandling?
    /// What happens with personal data before rows are trained on; training on it is refused when absent.
    public var personalData: PersonalDataDefinition?

    public init(
        path: String, inputs: [String], expected: String, preferences: PreferencesDefinition? = nil,
        group: String? = nil, split: SplitDefinition? = nil, leaks: LeakHandling? = nil,
        personalData: PersonalDataDefinition? = nil
    ) {
        self.path = path
        self.inputs = inputs
        self.expected = expected
        self.preferences = preferences
        self.group = group
        self.split = split
        self.leaks = leaks
        self.personalData = personalData
    }
}

/// Two fields of a row, each with an answer to the same inputs. A row has both or neither.
public struct PreferencesDefinition: Codable, Hashable, Sendable {
    /// The field that holds the better answer.
    public var chosen: String
    /// The field that holds the worse one.
    public var rejected: String

    public init(chosen: String, rejected: String) {
        self.chosen = chosen
        self.rejected = rejected
    }
}

/// How many examples each split takes; what is left trains.
public struct SplitDefinition: Codable, Hashable, Sendable {
    /// Examples that prompt search may look at.
    public var prototype: Int
    /// Examples that gates alone may look at.
    public var holdout: Int
    public var seed: UInt64
    /// What every split holds in the same shares as the whole; nothing when absent.
    public var stratify: Stratification?

    public init(prototype: Int, holdout: Int, seed: UInt64, stratify: Stratification? = nil) {
        self.prototype = prototype
        self.holdout = holdout
        self.seed = seed
        self.stratify = stratify
    }
}

/// What the shares of a stratified split are of.
public enum Stratification: String, Codable, Hashable, Sendable, CaseIterable {
    /// The expected value.
    case label
}
