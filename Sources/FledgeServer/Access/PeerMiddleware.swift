import FledgeCore
import FledgeEngine
import Glibc
import Hummingbird
import NIOCore

/// Finds out who is at the other end of the Unix socket: the kernel says it, and nobody can say otherwise.
struct PeerMiddleware: RouterMiddleware {
    typealias Context = ControlContext

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        let user = try await Self.user(of: context.channel)
        context.peer = user
        context.knownCaller = Caller(name: LocalUser.actor(user), grant: .everything, managesTokens: true)
        return try await next(request, context)
    }

    /// `struct ucred` of socket(7).
    private struct Credentials: Sendable {
        var process: Int32
        var user: UInt32
        var group: UInt32
    }

    /// The user that connected. - Throws: `request.unauthorized` for a connection that has none.
    private static func user(of channel: any Channel) async throws -> UInt32 {
        guard let options = channel as? any SocketOptionProvider else { throw FledgeError.unauthorized }
        let credentials: Credentials = try await options.unsafeGetSocketOption(
            level: SocketOptionLevel(SOL_SOCKET), name: SocketOptionName(SO_PEERCRED)
        ).get()
        // A connection without a peer has the user -1. The process may be 0: that of a container, whose numbers are its own.
        guard credentials.user != .max else { throw FledgeError.unauthorized }
        return credentials.user
    }
}
