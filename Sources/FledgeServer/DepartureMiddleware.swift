import Hummingbird

/// Cancels what a request computes when its client goes away. The request must have no body: nobody can read it any longer.
struct DepartureMiddleware: RouterMiddleware {
    typealias Context = ControlRouter.Context

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        try await request.body.consumeWithCancellationOnInboundClose { _ in try await next(request, context) }
    }
}
