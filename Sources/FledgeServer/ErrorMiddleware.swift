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
        guard let entry = ErrorCatalogue.entry(of: error.code), entry.exitStatus == error.exitCode else {
            return status(ofOther: error)
        }
        return named.first { $0.code == entry.httpStatus } ?? HTTPResponse.Status(code: entry.httpStatus)
    }

    /// Those that have a phrase.
    private static let named: [HTTPResponse.Status] = [
        .badRequest, .unauthorized, .forbidden, .notFound, .conflict, .unprocessableContent, .internalServerError,
        .serviceUnavailable,
    ]

    /// Of a code that this version does not know, or that was raised with another exit status than is usual.
    private static func status(ofOther error: FledgeError) -> HTTPResponse.Status {
        if error.code.rawValue.hasPrefix("access.") { return .forbidden }
        if error.code.rawValue.hasSuffix(".unknown") { return .notFound }
        if error.code.rawValue.hasSuffix(".conflict") { return .conflict }
        return switch error.exitCode {
        case .success, .failed, .inconclusive, .usage: .badRequest
        case .badData: .unprocessableContent
        case .unavailable, .tryAgain: .serviceUnavailable
        case .cannotWrite: HTTPResponse.Status(code: 507)
        case .software, .configuration: .internalServerError
        }
    }
}
