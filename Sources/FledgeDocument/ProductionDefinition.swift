/// What happens when a gate has passed.
public struct ProductionDefinition: Codable, Hashable, Sendable {
    public var approval: ApprovalMode
    /// Whether somebody else than the author has to approve; nil is no.
    public var byAnother: Bool?

    public init(approval: ApprovalMode, byAnother: Bool? = nil) {
        self.approval = approval
        self.byAnother = byAnother
    }
}

/// Who lets a candidate into production.
public enum ApprovalMode: String, Codable, Hashable, Sendable, CaseIterable {
    /// The gate alone.
    case automatic
    /// A person, with `fledge approve`.
    case manual
}
