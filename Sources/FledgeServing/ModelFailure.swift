import CurlClient
import FledgeCore
import FledgeEngine

/// What a failed call means to the user.
enum ModelFailure {
    static func isRetried(_ error: CurlError) -> Bool {
        [.connectionRefused, .connectionLost, .timeout, .dns].contains(error.code)
    }

    /// Whether the server cannot have seen the call.
    static func wasNeverSent(_ error: CurlError) -> Bool {
        [.connectionRefused, .dns, .proxy, .tls, .badRequest].contains(error.code)
    }

    static func error(_ error: CurlError) -> FledgeError {
        switch error.code {
        case .timeout:
            FledgeError("model.timeout", error.message, hint: "Try again, or use a faster server.")
        case .tls:
            FledgeError(
                "model.unreachable", error.message,
                hint: "Check the server's certificate, or name its authority in SSL_CERT_FILE where the daemon runs.")
        case .proxy:
            FledgeError(
                "model.unreachable", error.message,
                hint: "Check http_proxy, https_proxy and no_proxy where the daemon runs.")
        case .badRequest:
            FledgeError(
                "model.wrong_address", error.message, hint: "Check the model's address in the definition.")
        case .tooLarge:
            FledgeError(
                .modelAnswerTooLong, error.message,
                hint: "The server does not keep to maxTokens: look at its settings, or ask another one.",
                exitCode: .badData)
        default:
            FledgeError(
                "model.unreachable", error.message, hint: "Check that the model server runs and the address is right.")
        }
    }

    /// - Parameter model: the name that the server was asked for.
    static func error(_ refusal: ServerRefusal, model: String) -> FledgeError {
        let status = status(of: refusal)
        let words = refusal.shown.isEmpty ? "" : ": \(refusal.shown)"
        switch refusal.kind {
        case .contextOverflow:
            return FledgeError(
                "model.context_overflow", "the prompt is longer than the model's context (\(status)\(words))",
                hint: "Use fewer demonstrations, shorter inputs, or a model with a longer context.")
        case .filtered:
            return FledgeError(
                "model.filtered", "the provider's content filter refused the question (\(status)\(words))",
                hint: "Look at the inputs that it takes, or ask another model.")
        case .badRequest: return badRequest(refusal, status: status, words: words)
        case .unauthorized:
            // Some repeat a part of the key.
            return FledgeError(
                "model.unauthorized", "the model server refused the key (\(status))",
                hint: "Check what the key reference of the model holds, and what that key may do.")
        case .noCredit:
            return FledgeError(
                "model.no_credit", "the account at the provider has no credit left (\(status)\(words))",
                hint: "Fill up the account or raise its limit, then retry: what was answered is kept.")
        case .unknownModel: return unknown(model, says: "\(status)\(words)")
        case .wrongAddress: return wrongAddress(refusal, status: status, words: words)
        case .tooLarge:
            return FledgeError(
                "model.request_too_large", "the model server takes no request of this size (\(status)\(words))",
                hint: "Raise the limit of the server, or of the proxy before it, or use fewer demonstrations.")
        case .template:
            return FledgeError(
                "model.template", "the model's chat template refuses the messages (\(status)\(words))",
                hint: "Where it is the system message: SystemRole(.inUser) in PromptPrototype, or say it in User.")
        case .overloaded:
            return FledgeError(
                "model.overloaded", "the model server failed (\(status)\(words))", hint: "Try again later.")
        case .rateLimited:
            return FledgeError(
                "model.rate_limited", "the model server takes no more calls for now (\(status)\(words))",
                hint: "Try again later, or raise the account's limits.")
        case .timeout:
            return FledgeError(
                "model.timeout", "the model server took too long (\(status))", hint: "Try again later.")
        case .badAnswer:
            let what =
                refusal.words.page.map { $0.allSatisfy(\.isWhitespace) ? "an empty body" : "no JSON" } ?? "no answer"
            return FledgeError(
                "model.bad_answer",
                "the model server sent \(refusal.words.isHTML ? "a page of HTML" : what) in place of a completion "
                    + "(\(status))",
                hint: "Check that the address is the base of an OpenAI-compatible API, usually ending in /v1.")
        }
    }

    /// Of a question that asks for more than the account has in any minute: no pause helps.
    static func largerThanAllowed(_ refusal: ServerRefusal) -> FledgeError {
        FledgeError(
            "model.context_overflow",
            "the prompt is longer than the account may send in a minute"
                + (refusal.shown.isEmpty ? "" : " (\(refusal.shown))"),
            hint: "Use fewer demonstrations, shorter inputs, or an account with a higher limit.")
    }

    static func unknown(_ model: String, says: String? = nil) -> FledgeError {
        FledgeError(
            "model.unknown", "the server has no model named \(model)" + (says.map { " (\($0))" } ?? ""),
            hint: "`fledge models` lists what is served.", exitCode: .configuration)
    }

    static func unknownAdapter(_ adapter: AdapterDigest) -> FledgeError {
        FledgeError(
            "model.unknown_adapter", "the adapter \(adapter.rawValue.prefix(12)) is not loaded",
            hint: "Check that it is in the store.")
    }

    private static func status(of refusal: ServerRefusal) -> String {
        refusal.status == refusal.httpStatus
            ? "status \(refusal.status)" : "status \(refusal.httpStatus), with error \(refusal.status) in its body"
    }

    private static func badRequest(_ refusal: ServerRefusal, status: String, words: String) -> FledgeError {
        guard let name = refusal.parameter?.name else {
            return FledgeError(
                "model.bad_request", "the model server does not accept the request (\(status)\(words))",
                hint: "Check Decoding and the model's name in the definition.")
        }
        let hint =
            switch name {
            case "response_format", "structured_outputs", "guided_choice", "grammar":
                "Leave choices and jsonSchema out of Decoding, or use a server that holds answers to a form."
            case "max_tokens", "max_completion_tokens": "Change maxTokens in Decoding."
            default: "Change it in Decoding, or use a server that takes it."
            }
        return FledgeError(
            "model.bad_request", "the model server does not accept \(name) (\(status)\(words))", hint: hint)
    }

    private static func wrongAddress(_ refusal: ServerRefusal, status: String, words: String) -> FledgeError {
        if (300..<400).contains(refusal.httpStatus) {
            return FledgeError(
                "model.wrong_address",
                "the model server sends calls on to another address (\(status)"
                    + (refusal.location.map { ", to \(withoutUser($0))" } ?? "") + ")",
                hint: "Name the new address in the definition, without /chat/completions.")
        }
        return FledgeError(
            "model.wrong_address",
            "the model's address is wrong: nothing takes chat completions there (\(status)\(words))",
            hint: "It is the base of an OpenAI-compatible API, usually ending in /v1.")
    }

    static func withoutUser(_ address: String) -> String {
        guard let scheme = address.firstRange(of: "://") else { return address }
        let rest = address[scheme.upperBound...]
        guard let at = rest.prefix(while: { $0 != "/" }).lastIndex(of: "@") else { return address }
        return String(address[..<scheme.upperBound] + rest[rest.index(after: at)...])
    }
}
