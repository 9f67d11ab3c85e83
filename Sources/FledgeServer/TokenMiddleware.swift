import FledgeCore
import Hummingbird

/// Lets requests pass that carry one of the bearer tokens.
struct TokenMiddleware: RouterMiddleware {
    typealias Context = ControlRouter.Context

    let tokens: [String]

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let given = request.headers[.authorization] ?? ""
        // Each is compared, whichever fits.
        let fits = tokens.map { Self.isEqual(Array(given.utf8), Array("Bearer \($0)".utf8)) }
        guard fits.contains(true) else {
            let error = FledgeError(
                "request.unauthorized", "the token is missing or wrong", hint: "send Authorization: Bearer TOKEN",
                exitCode: .configuration)
            return try .json(error, status: .unauthorized)
        }
        return try await next(request, context)
    }

    /// Takes the same time wherever the two differ, so that a token can't be guessed byte by byte.
    static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        var difference: UInt8 = left.count == right.count ? 0 : 1
        for index in right.indices { difference |= right[index] ^ (index < left.count ? left[index] : 0) }
        return difference == 0
    }
}
