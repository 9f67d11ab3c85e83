/// The part of a dataset that may see an example: search looks at `prototype`, training at `training`, gates alone at `holdout`.
package enum DatasetSplit: String, Codable, Sendable, CaseIterable {
    case prototype, training, holdout
}

/// One labelled row of a snapshot.
package struct Example: Codable, Hashable, Sendable {
    package var id: ExampleID
    /// The row in the source file, from 1.
    package var row: Int
    package var split: DatasetSplit
    package var group: String
    package var inputs: [String: String]
    package var expected: String
    /// Nil where the row has none.
    package var preference: Preference?
    /// Further fields of the row that slices and paraphrases name.
    package var fields: [String: String]

    package init(
        id: ExampleID, row: Int, split: DatasetSplit, group: String, inputs: [String: String], expected: String,
        preference: Preference? = nil, fields: [String: String] = [:]
    ) {
        self.id = id
        self.row = row
        self.split = split
        self.group = group
        self.inputs = inputs
        self.expected = expected
        self.preference = preference
        self.fields = fields
    }
}
