import FledgeCore
import Testing

@testable import FledgeServer

@Suite("The HTTP status of an error")
struct ErrorStatusTests {
    @Test(
        "a code has its HTTP status",
        arguments: [
            ("request.unauthorized", 401), ("access.scope_missing", 403), ("use_case.unknown", 404),
            ("page.socket_only.unknown", 404), ("model.unknown", 404), ("cycle.conflict", 409),
            ("cycle.rejected_event", 400), ("request.malformed", 400), ("data.missing", 422),
            ("holdout.exhausted", 422), ("criterion.unreachable", 422), ("database.unreachable", 503),
            ("daemon.stopping", 503), ("model.adapter_missing", 503), ("artifacts.not_writable", 507),
            ("model.unauthorized", 500), ("daemon.internal", 500),
        ])
    func codes(code: String, status: Int) {
        #expect(ErrorMiddleware.statusCode(of: FledgeError(.init(rawValue: code), "m")) == status)
    }

    @Test("every code is answered with what its exit status and its name say, as it was before the catalogue")
    func unchanged() {
        for entry in ErrorCatalogue.all where !entry.isWarning {
            let status = ErrorMiddleware.statusCode(of: FledgeError(entry.code, "m"))
            #expect(status == Self.expected(entry.code.rawValue, entry.exitStatus), "\(entry.code.rawValue)")
        }
    }

    @Test("a code of another version, or with another exit status, is answered with what its exit status says")
    func others() {
        for status in FledgeCore.ExitStatus.allCases {
            let later = ErrorMiddleware.statusCode(of: FledgeError("later.version", "m", exitCode: status))
            #expect(later == Self.expected("later.version", status), "\(status)")
            let known = ErrorMiddleware.statusCode(of: FledgeError("training.weights_failed", "m", exitCode: status))
            #expect(known == Self.expected("training.weights_failed", status), "\(status)")
        }
    }

    private static func expected(_ code: String, _ status: FledgeCore.ExitStatus) -> Int {
        if code == "request.unauthorized" { return 401 }
        if code.hasPrefix("access.") { return 403 }
        if code.hasSuffix(".unknown") { return 404 }
        if code.hasSuffix(".conflict") { return 409 }
        return switch status {
        case .success, .failed, .inconclusive, .usage: 400
        case .badData: 422
        case .unavailable, .tryAgain: 503
        case .cannotWrite: 507
        case .software, .configuration: 500
        }
    }
}
