/// Why a use case stands where it stands.
package struct Explanation: Codable, Hashable, Sendable {
    package var status: UseCaseStatus
    package var gates: [GateResult]
    package var decisions: [Decision]
    package var releases: [Release]
    /// Whether the history's hash chain holds.
    package var isHistoryIntact: Bool
    /// Rows of the cycle's data that were moved or left out because of leaks.
    package var settledLeaks: [ResolvedLeak]?
    /// What the cycle's sweeps found; nil where it had none.
    package var sweeps: [SweepRecord]?
    /// Whose answers are missing in the cycle, and why; nil where none are.
    package var missing: [MissingFinding]?
    /// How many of its judges' replies could be read; nil where it has none.
    package var judges: [JudgeReadings]?
    /// Whether the revision's source text was compiled by whoever stored it; nil where nobody says so.
    package var isSourceVerified: Bool?
    /// Whether the evidence is what was recorded; nil from a daemon that does not say.
    package var evidence: AuditReport?

    package init(
        status: UseCaseStatus, gates: [GateResult], decisions: [Decision], releases: [Release], isHistoryIntact: Bool,
        settledLeaks: [ResolvedLeak]? = nil, sweeps: [SweepRecord]? = nil, missing: [MissingFinding]? = nil,
        judges: [JudgeReadings]? = nil, isSourceVerified: Bool? = nil, evidence: AuditReport? = nil
    ) {
        self.isSourceVerified = isSourceVerified
        self.evidence = evidence
        self.missing = missing
        self.status = status
        self.gates = gates
        self.decisions = decisions
        self.releases = releases
        self.isHistoryIntact = isHistoryIntact
        self.settledLeaks = settledLeaks
        self.sweeps = sweeps
        self.judges = judges
    }
}
