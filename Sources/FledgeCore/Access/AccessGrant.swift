/// What somebody may ask of the daemon.
package enum AccessScope: String, Codable, Hashable, Sendable, CaseIterable {
    /// Look at everything.
    case read
    /// Apply definitions, steer, label, roll back, write reports.
    case operate
    /// Approve and refuse releases.
    case approve
    /// Look at the releases alone: what a server of the champion needs.
    case serve
}

/// The scopes of a token, and the use cases that they are for.
package struct AccessGrant: Codable, Hashable, Sendable {
    package var scopes: [AccessScope]
    /// The names of the use cases that may be reached; all where this and `owners` are nil.
    package var useCases: [String]?
    /// The owners whose use cases may be reached, besides those that are named.
    package var owners: [String]?

    package init(scopes: [AccessScope], useCases: [String]? = nil, owners: [String]? = nil) {
        self.scopes = scopes
        self.useCases = useCases
        self.owners = owners
    }

    package static let everything = AccessGrant(scopes: AccessScope.allCases)

    package var isLimited: Bool { useCases != nil || owners != nil }

    package func reaches(_ useCase: String, owner: String?) -> Bool {
        !isLimited || useCases?.contains(useCase) == true || owner.map { owners?.contains($0) == true } == true
    }
}

/// Who asks, as the kernel or a token says it: a request's own word for it counts for nothing.
package struct Caller: Hashable, Sendable {
    /// `user:ada` over the socket, `token:nightly` over TCP.
    package var name: String
    package var grant: AccessGrant
    /// Only whoever may use the socket makes and revokes tokens: a token can't make another one.
    package var managesTokens: Bool

    package init(name: String, grant: AccessGrant, managesTokens: Bool = false) {
        self.name = name
        self.grant = grant
        self.managesTokens = managesTokens
    }

    /// - Throws: `access.scope_missing` (status 403), which names the scope.
    package func require(_ scope: AccessScope) throws(FledgeError) {
        // Whoever may look at everything may look at releases.
        guard grant.scopes.contains(scope) || scope == .serve && grant.scopes.contains(.read) else {
            throw FledgeError(
                "access.scope_missing", "\(name) lacks the scope \(scope.rawValue)",
                hint: "where the daemon runs: fledge token create NAME --scope \(scope.rawValue)")
        }
    }

    /// The name that is recorded for a request.
    ///
    /// - Parameter claimed: what the request says: the same name, or nothing.
    /// - Throws: `access.other_actor` (status 403), `request.bad_text` (status 400).
    package func actor(claimed: String) throws(FledgeError) -> String {
        guard !claimed.isEmpty else { return name }
        try InboundText.check(claimed, field: "actor")
        guard claimed == name else {
            throw FledgeError(
                "access.other_actor", "the request says that \(claimed) acts, but it comes from \(name)",
                place: "actor",
                hint:
                    "leave the actor empty: the daemon knows who asks. A fledge of before that asks over TCP has to be "
                    + "updated")
        }
        return name
    }

    /// Who gave labels: the caller, or somebody whose labels the caller brings along. However many these are, they have the
    /// caller's one vote on an answer (``voter(of:)``).
    ///
    /// - Throws: `request.bad_text` (status 400), also for a name that says itself who entered it.
    package func labeller(claimed: String) throws(FledgeError) -> String {
        guard !claimed.isEmpty, claimed != name else { return name }
        try InboundText.check(claimed, field: "actor")
        guard Self.enteredBy(claimed) == nil else {
            throw FledgeError(
                "request.bad_text", "the actor says who entered the labels, which the daemon says", place: "actor",
                hint: "name the person alone, such as --as grace")
        }
        return "\(claimed)\(Self.entry)\(name))"
    }

    private static let entry = " (entered by "

    /// Who entered labels for somebody; nil for labels that whoever gave them entered.
    ///
    /// Byte by byte: no character of a claimed name joins what was put behind it.
    private static func enteredBy(_ labeller: String) -> String? {
        let bytes = Array(labeller.utf8)
        let mark = Array(entry.utf8)
        guard bytes.last == UInt8(ascii: ")") else { return nil }
        for start in stride(from: bytes.count - 1 - mark.count, through: 0, by: -1) {
            let end = start + mark.count
            if bytes[start..<end].elementsEqual(mark) {
                return String(decoding: bytes[end..<(bytes.count - 1)], as: UTF8.self)
            }
        }
        return nil
    }

    /// The person whose vote a label is: whoever entered it, by whatever way they came.
    package static func voter(of labeller: String) -> String { String(person(enteredBy(labeller) ?? labeller)) }

    /// The name without the way that it is known by: a person's token may have the person's name.
    package static func person(_ name: String) -> Substring {
        for way in ["user:", "token:"] where name.hasPrefix(way) { return name.dropFirst(way.count) }
        return name[...]
    }
}
