import FledgeDocument

/// The names of the fields that hold a row's answers.
package struct AnswerFields: Hashable, Sendable {
    package var expected: String
    package var preferences: PreferencesDefinition

    package init(
        expected: String,
        preferences: PreferencesDefinition = PreferencesDefinition(chosen: "chosen", rejected: "rejected")
    ) {
        self.expected = expected
        self.preferences = preferences
    }

    /// What the definition does not name is called by its own word.
    package init(_ dataset: DatasetDefinition?) {
        self.init(expected: dataset?.expected ?? "expected")
        if let named = dataset?.preferences { preferences = named }
    }
}
