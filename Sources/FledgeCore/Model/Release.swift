import Foundation

/// The immutable bundle that production uses.
package struct ReleaseBundle: Codable, Hashable, Sendable {
    package var useCase: String
    package var candidate: Candidate
    /// The served model's revision: for the local model the weights' SHA-256.
    package var modelRevision: String
    package var definitionRevision: Int
    package var definitionSHA256: Digest
    package var dataSHA256: Digest
    package var gate: GateResult
    package var decision: Decision?
    package var approvedBy: String

    package init(
        useCase: String, candidate: Candidate, modelRevision: String, definitionRevision: Int, definitionSHA256: Digest,
        dataSHA256: Digest, gate: GateResult, decision: Decision?, approvedBy: String
    ) {
        self.useCase = useCase
        self.candidate = candidate
        self.modelRevision = modelRevision
        self.definitionRevision = definitionRevision
        self.definitionSHA256 = definitionSHA256
        self.dataSHA256 = dataSHA256
        self.gate = gate
        self.decision = decision
        self.approvedBy = approvedBy
    }
}

/// A numbered release of a use case.
package struct Release: Codable, Hashable, Sendable {
    package var id: ReleaseID
    package var number: Int
    package var cycle: Int
    package var bundle: ReleaseBundle
    package var createdAt: Date
    package var isChampion: Bool
    /// The moves that made it the champion, oldest first; nil from a daemon that does not say.
    package var moves: [ChampionMove]?

    package init(
        id: ReleaseID, number: Int, cycle: Int, bundle: ReleaseBundle, createdAt: Date, isChampion: Bool,
        moves: [ChampionMove]? = nil
    ) {
        self.moves = moves
        self.id = id
        self.number = number
        self.cycle = cycle
        self.bundle = bundle
        self.createdAt = createdAt
        self.isChampion = isChampion
    }
}
