import FledgeCore

/// Who may ask an endpoint.
package enum EndpointAccess: Hashable, Sendable {
    /// Everybody, also without a token.
    case open
    /// Whoever the daemon knows by name.
    case known
    /// What concerns no single use case.
    case scope(AccessScope)
    /// A list of what belongs to use cases, of one where the query's `use-case` names it: what the caller may see.
    case listed(AccessScope)
    /// What concerns all use cases, and is not told in parts.
    case everywhere(AccessScope)
    /// The use case that the path's `name` says.
    case useCase(AccessScope)
    /// The use case of the training job that the path's `id` says.
    case job(AccessScope)
    /// The use case that the path's `name` says, with that of these scopes which the command in the body needs.
    case command([AccessScope])
    /// Only over the daemon's socket.
    case socket

    /// Those that it may take, one of which will do; none where no token is needed, or none suffices.
    package var scopes: [AccessScope] {
        switch self {
        case .open, .known, .socket: []
        case .scope(let scope), .listed(let scope), .everywhere(let scope), .useCase(let scope), .job(let scope):
            [scope]
        case .command(let scopes): scopes
        }
    }

    /// Why it may be refused.
    var errors: [FledgeError.Code] {
        let scoped: [FledgeError.Code] = ["request.unauthorized", "access.scope_missing"]
        return switch self {
        case .open: []
        case .known: ["request.unauthorized"]
        case .scope: scoped
        case .everywhere: scoped + [.accessOutOfReach]
        case .listed, .useCase, .command: scoped + [.accessOutOfReach, .useCaseUnknown, "request.bad_text"]
        case .job: scoped + [.accessOutOfReach, .requestBadParameter]
        case .socket: ["request.unauthorized", "access.socket_only"]
        }
    }
}
