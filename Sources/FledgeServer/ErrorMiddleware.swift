import FledgeCore
import Hummingbird
import Logging

/// Answers every failure with `{code, message, place, hint, exitCode}` and a status that fits.
struct ErrorMiddleware: RouterMiddleware {
    typealias Context = ControlRouter.Context

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as FledgeError {
            return try .json(error, status: Self.status(of: error))
        } catch let error as any HTTPResponseError {
            let code = FledgeError.Code(rawValue: "request.http_\(error.status.code)")
            let message = (error as? HTTPError)?.body ?? error.status.reasonPhrase.lowercased()
            let answer = FledgeError(code, message, place: request.uri.path, exitCode: .usage)
            return try .json(answer, status: error.status)
        } catch is CancellationError {
            let answer = FledgeError(
                "daemon.stopping", "the daemon is stopping", hint: "fledge daemon start, then try again")
            return try .json(answer, status: .serviceUnavailable)
        } catch {
            // The type's name says where to look; a description could quote data.
            context.logger.error(
                "request failed", metadata: ["path": "\(request.uri.path)", "error": "\(type(of: error))"])
            context.logger.debug("request failed", metadata: ["description": "\(error)"])
            let answer = FledgeError(
                "daemon.internal", "the daemon failed to answer: \(type(of: error))", place: request.uri.path,
                hint: "see the daemon's log")
            return try .json(answer, status: .internalServerError)
        }
    }

    static func status(of error: FledgeError) -> HTTPResponse.Status {
        let code = statusCode(of: error)
        return phrased.first { $0.code == code } ?? HTTPResponse.Status(code: code)
    }

    private static let phrased: [HTTPResponse.Status] = [
        .badRequest, .unauthorized, .forbidden, .notFound, .conflict, .unprocessableContent, .internalServerError,
        .serviceUnavailable,
    ]

    /// The status that the catalogue has for the code. Where the catalogue doesn't know the code, or the error has
    /// another exit status than is usual, the status follows from the exit status.
    static func statusCode(of error: FledgeError) -> Int {
        if let entry = ErrorCatalogue.entry(of: error.code), entry.exitStatus == error.exitCode {
            return entry.httpStatus
        }
        if error.code.rawValue.hasPrefix("access.") { return 403 }
        if error.code.rawValue.hasSuffix(".unknown") { return 404 }
        if error.code.rawValue.hasSuffix(".conflict") { return 409 }
        return switch error.exitCode {
        case .success, .failed, .inconclusive, .usage: 400
        case .badData: 422
        case .unavailable, .tryAgain: 503
        case .cannotWrite: 507
        case .software, .configuration: 500
        }
    }
}
