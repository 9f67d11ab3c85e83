/// What happens with rows that leak from one split to another.
public enum LeakHandling: String, Codable, Hashable, Sendable, CaseIterable {
    /// The definition can't be applied until the data is mended.
    case refuse
    /// Every row that a leak concerns trains, with its whole group.
    case moveToTraining
    /// The row in the split that matters less is left out: a training row before a prototype row before a holdout row.
    case drop
}

/// What happens with personal data before rows are trained on.
public struct PersonalDataDefinition: Codable, Hashable, Sendable {
    /// Whether what is found is replaced by placeholders such as `<email>`.
    public var mask: Bool
    /// Kinds that stay as they are.
    public var accept: [PersonalDataKind]

    public init(mask: Bool, accept: [PersonalDataKind] = []) {
        self.mask = mask
        self.accept = accept
    }
}

/// Personal data that is known by its form.
public enum PersonalDataKind: String, Codable, Hashable, Sendable, CaseIterable {
    /// An e-mail address, a phone number, the number of a payment card, an international bank account number.
    case email, phone, card, iban
}
