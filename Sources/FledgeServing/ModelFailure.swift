import CurlClient
import FledgeCore
import Foundation

/// What a failed call means to the user. The server's own text is left out: some repeat the prompt or the key in it.
enum ModelFailure {
    static func isRetried(_ error: CurlError) -> Bool {
        [.connectionRefused, .connectionLost, .timeout, .dns].contains(error.code)
    }

    static func error(_ error: CurlError) -> FledgeError {
        switch error.code {
        case .timeout:
            FledgeError("model.timeout", error.message, hint: "Try again, or use a faster server.", exitCode: .tryAgain)
        case .tls:
            FledgeError(
                "model.unreachable", error.message,
                hint: "Check the server's certificate, or name its authority in SSL_CERT_FILE where the daemon runs.",
                exitCode: .unavailable)
        case .proxy:
            FledgeError(
                "model.unreachable", error.message,
                hint: "Check http_proxy, https_proxy and no_proxy where the daemon runs.", exitCode: .unavailable)
        case .badRequest:
            FledgeError(
                "model.bad_request", error.message, hint: "Check the model's address in the definition.",
                exitCode: .configuration)
        default:
            FledgeError(
                "model.unreachable", error.message, hint: "Check that the model server runs and the address is right.",
                exitCode: .unavailable)
        }
    }

    static func error(_ response: HTTPResponse, model: String) -> FledgeError {
        let text = String(decoding: response.body.prefix(4096), as: UTF8.self).lowercased()
        let isOverflow = [
            "exceed_context_size", "context_length_exceeded", "maximum context length", "available context size",
        ].contains { text.contains($0) }
        switch response.status {
        case 401, 403:
            return FledgeError(
                "model.unauthorized", "the model server refused the key (status \(response.status))",
                hint: "Check what the key reference of the model holds.", exitCode: .configuration)
        case 400, 413, 422:
            if isOverflow {
                return FledgeError(
                    "model.context_overflow", "the prompt is longer than the model's context",
                    hint: "Use fewer demonstrations, shorter inputs, or a model with a longer context.",
                    exitCode: .badData)
            }
            return FledgeError(
                "model.bad_request", "the model server does not accept the request (status \(response.status))",
                hint: "Check the decoding parameters; the server may not know one of them.", exitCode: .badData)
        case 404: return unknown(model)
        case 429:
            return FledgeError(
                "model.overloaded", "the model server has too many requests (status 429)",
                hint: "Try again later, or raise the account's limits.", exitCode: .tryAgain)
        case 408, 504:
            return FledgeError(
                "model.timeout", "the model server took too long (status \(response.status))",
                hint: "Try again later.", exitCode: .tryAgain)
        case 409, 500...599:
            return FledgeError(
                "model.overloaded", "the model server failed (status \(response.status))", hint: "Try again later.",
                exitCode: .tryAgain)
        default:
            return FledgeError(
                "model.bad_request", "the model server answered with status \(response.status)",
                hint: "Check the model's address in the definition.", exitCode: .unavailable)
        }
    }

    static func unknown(_ model: String) -> FledgeError {
        FledgeError(
            "model.unknown", "the server has no model named \(model)",
            hint: "`fledge models` lists what is served.", exitCode: .configuration)
    }

    static func unknownAdapter(_ adapter: AdapterDigest) -> FledgeError {
        FledgeError(
            "model.unknown_adapter", "the adapter \(adapter.rawValue.prefix(12)) is not loaded",
            hint: "Check that it is in the store.", exitCode: .unavailable)
    }
}
