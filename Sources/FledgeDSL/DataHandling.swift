/// What happens with rows that leak from one split to another, such as near duplicates: `.refuse` unless said.
public struct LeakPolicy: DatasetElement {
    let handling: LeakHandling
    let line: Int

    /// Sets what happens with rows that leak.
    ///
    /// - Parameters:
    ///   - handling: what is done with such rows.
    ///   - line: the line on which it is written.
    public init(_ handling: LeakHandling, line: Int = #line) {
        self.handling = handling
        self.line = line
    }

    public func lower(into dataset: inout DatasetDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).leaks", line)
        dataset.leaks = handling
    }
}

/// What happens with e-mail addresses, phone, card and account numbers before rows are trained on.
///
/// Unless it is said, a dataset with any of them in its training split is not trained on.
public struct PersonalData: DatasetElement {
    /// What is done with personal data that is not accepted.
    public enum Treatment: Sendable {
        /// Placeholders such as `<email>` take its place.
        case mask
    }

    let definition: PersonalDataDefinition
    let line: Int

    /// - Parameters:
    ///   - treatment: what is done with personal data.
    ///   - kinds: what stays as it is.
    ///   - line: the line on which it is written.
    public init(_ treatment: Treatment, except kinds: PersonalDataKind..., line: Int = #line) {
        definition = PersonalDataDefinition(mask: true, accept: kinds)
        self.line = line
    }

    /// Trains on these kinds as they are; any other kind is still refused.
    public init(accept kind: PersonalDataKind, _ others: PersonalDataKind..., line: Int = #line) {
        definition = PersonalDataDefinition(mask: false, accept: [kind] + others)
        self.line = line
    }

    public func lower(into dataset: inout DatasetDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).personalData", line)
        dataset.personalData = definition
    }
}
