import FledgeCore
import FledgeEngine
import Hummingbird
import NIOCore

/// What is known of one request: above all, who asks.
struct ControlContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection that the request came by.
    let channel: any Channel
    /// The caller; nil until a middleware has found out who it is.
    var knownCaller: Caller?
    /// The number of the user at the other end of the Unix socket; nil over TCP.
    var peer: UInt32?
    /// Whether the caller would be let in now.
    var isStillIn: @Sendable () async throws -> Bool = { true }

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// - Throws: `request.unauthorized` where no middleware has said who it is.
    var caller: Caller {
        get throws(FledgeError) {
            guard let knownCaller else { throw .unauthorized }
            return knownCaller
        }
    }

    /// For what concerns no single use case.
    func allow(_ scope: AccessScope) throws(FledgeError) { try caller.require(scope) }

    /// For what concerns all use cases, and is not told in parts.
    func allowEverywhere(_ scope: AccessScope) throws(FledgeError) {
        let caller = try caller
        try caller.require(scope)
        if caller.grant.isLimited { throw Self.outOfReach(caller, "what concerns every use case") }
    }

    /// - Throws: `access.scope_missing`, `access.out_of_reach` (status 403).
    func allow(_ scope: AccessScope, on useCase: String, _ api: any ControlAPI) async throws {
        try InboundText.check(useCase, field: "name")
        let caller = try caller
        try caller.require(scope)
        guard caller.grant.isLimited, !caller.grant.reaches(useCase, owner: nil) else { return }
        var owner: String?
        if caller.grant.owners != nil {
            // A use case that doesn't exist is refused like one that the caller may not see, so that names are not
            // told.
            do { owner = try await api.statuses(name: useCase).first?.owner } catch let error as FledgeError
                where error.code == .useCaseUnknown
            {}
        }
        guard caller.grant.reaches(useCase, owner: owner) else { throw Self.outOfReach(caller, "use case \(useCase)") }
    }

    /// The use cases that the caller may see; nil for all.
    func reachable(_ api: any ControlAPI) async throws -> Set<String>? {
        let grant = try caller.grant
        guard grant.isLimited else { return nil }
        guard grant.owners != nil else { return Set(grant.useCases ?? []) }
        var names: Set<String> = []
        var last: String?
        while true {
            let page = try await api.statuses(after: last, limit: 1000)
            names.formUnion(page.filter { grant.reaches($0.name, owner: $0.owner) }.map(\.name))
            guard page.count == 1000, let next = page.last?.name else { return names }
            last = next
        }
    }

    /// Only over the socket. - Throws: `access.socket_only` (status 403).
    func allowTokens() throws(FledgeError) {
        guard try caller.managesTokens else {
            throw FledgeError(
                "access.socket_only", "tokens are made, listed and revoked over the daemon's socket only",
                hint: "run fledge token where the daemon runs, as its user")
        }
    }

    private static func outOfReach(_ caller: Caller, _ what: String) -> FledgeError {
        let grant = caller.grant
        let reach = (grant.useCases ?? []) + (grant.owners ?? []).map { "those of \($0)" }
        return FledgeError(
            "access.out_of_reach", "\(caller.name) may not reach \(what)",
            hint: "it is for \(reach.joined(separator: ", "))")
    }
}

extension FledgeError {
    static var unauthorized: FledgeError {
        FledgeError(
            "request.unauthorized", "the token is missing, wrong, expired or revoked",
            hint: "send Authorization: Bearer TOKEN; fledge token list shows where the daemon runs which are in use")
    }
}
