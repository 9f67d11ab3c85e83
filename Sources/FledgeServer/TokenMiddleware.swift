import FledgeCore
import Hummingbird

/// Lets requests pass that carry a bearer token in use, and says whose it is.
struct TokenMiddleware: RouterMiddleware {
    typealias Context = ControlContext

    let book: TokenBook
    /// Whether the token for `/metrics` will do.
    var hasMetrics = false

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let caller = try await book.caller(request.headers[.authorization], hasMetrics: hasMetrics) else {
            return try .json(FledgeError.unauthorized, status: .unauthorized)
        }
        var context = context
        context.knownCaller = caller
        context.isStillIn = { [book, hasMetrics, authorization = request.headers[.authorization]] in
            try await book.caller(authorization, hasMetrics: hasMetrics) == caller
        }
        return try await next(request, context)
    }
}
