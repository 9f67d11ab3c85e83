/// What happens when a gate has passed.
public struct ProductionDefinition: Codable, Hashable, Sendable {
    public var approval: ApprovalMode

    public init(approval: ApprovalMode) {
        self.approval = approval
    }
}

/// Who lets a candidate into production.
public enum ApprovalMode: String, Codable, Hashable, Sendable, CaseIterable {
    /// The gate alone.
    case automatic
    /// A person, with `fledge approve`.
    case manual
}
