/// How a candidate came to be.
package struct CandidateOrigin: Codable, Hashable, Sendable {
    /// `declared`, `edit: …`, `demonstrations`, `bootstrap`, `reorder`, `reflect` or `merge`.
    package var operation: String
    /// The candidates that it was made from, none for a declared one.
    package var parents: [CandidateID]

    package init(operation: String, parents: [CandidateID] = []) {
        self.operation = operation
        self.parents = parents
    }
}

/// A candidate that a search brings up.
package struct Proposal: Hashable, Sendable {
    package var candidate: Candidate
    package var origin: CandidateOrigin

    package init(_ candidate: Candidate, _ operation: String, from parents: [CandidateID] = []) {
        self.candidate = candidate
        origin = CandidateOrigin(operation: operation, parents: parents)
    }
}

/// A candidate's origin with its parents' names, for people.
package struct CandidateLineage: Codable, Hashable, Sendable {
    package var operation: String
    package var parents: [CandidateID]
    package var parentNames: [String]

    package init(operation: String, parents: [CandidateID], parentNames: [String]) {
        self.operation = operation
        self.parents = parents
        self.parentNames = parentNames
    }
}
