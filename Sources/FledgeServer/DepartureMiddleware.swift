import FledgeCore
import Hummingbird

/// Cancels what a request computes when its client goes away. Such a request has no body: nobody could read it any longer, and
/// one that is not read keeps the connection's end from being seen.
struct DepartureMiddleware: RouterMiddleware {
    typealias Context = ControlRouter.Context

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let length = request.headers[.contentLength]
        guard request.headers[.transferEncoding] == nil, length == nil || length == "0" else {
            throw FledgeError(
                "request.malformed", "this request takes no body", place: request.uri.path, hint: "send it without one")
        }
        return try await request.body.consumeWithCancellationOnInboundClose { _ in try await next(request, context) }
    }
}
