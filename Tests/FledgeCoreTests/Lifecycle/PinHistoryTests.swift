import FledgeCore
import FledgeDocument
import Foundation
import Testing

@Suite("What a cycle was pinned to at each gate")
struct PinHistoryTests {
    private static let candidate = Digest(of: "candidate")

    private static func pins(_ events: [CycleEvent]) -> PinHistory {
        let entries = events.enumerated().map { index, event in
            HistoryEntry(
                sequence: index + 1, cycle: 1, at: Date(timeIntervalSince1970: 0), event: event.kind.rawValue,
                fromStage: .validation, fromActivity: .judging, toStage: .validation, toActivity: .deciding, actor: "a",
                evidence: CanonicalJSON.text(of: event), previousHash: "", hash: "")
        }
        let revision = Revision(
            id: RevisionID(9), number: 9,
            document: DefinitionDocument(useCase: UseCaseDefinition(name: "colour"), sourceFile: "c.swift"),
            sourceText: "", sha256: Digest(of: "r"), appliedAt: Date(timeIntervalSince1970: 0), appliedBy: "ada",
            isSourceVerified: false)
        return PinHistory(
            entries,
            of: Cycle(
                id: CycleID(1), useCase: UseCaseID(1), number: 1, revision: revision, snapshot: SnapshotID(1),
                snapshotSHA256: Digest(of: "s"), state: .new, version: 0))
    }

    @Test("the revision that was replaced next is the one that it was")
    func replaced() {
        let pins = Self.pins([
            .started, .revisionAdopted(from: 1, to: 2, needsApproval: false), .gateJudged(.failed, Self.candidate),
            .decisionMade(.fineTune), .revisionAdopted(from: 2, to: 3, needsApproval: true),
            .revisionAdopted(from: 3, to: 4, needsApproval: true), .gateJudged(.passed, Self.candidate),
            .decisionMade(.promote),
        ])
        #expect(pins.revision(atLook: 1) == 2)
        #expect(pins.revision(atLook: 2) == nil, "what it is pinned to now")
        #expect(pins.revision(atLook: 3) == nil)
    }

    @Test("what was adopted between the verdict and the decision was read by the decision")
    func between() {
        let pins = Self.pins([
            .gateJudged(.failed, Self.candidate), .revisionAdopted(from: 1, to: 2, needsApproval: false),
            .decisionMade(.fineTune), .revisionAdopted(from: 2, to: 3, needsApproval: false),
        ])
        #expect(pins.revision(atLook: 1) == 2)
    }
}
