import FledgeCore

/// What a server says of a call that it refuses: its words and codes, in whichever form of JSON they come.
struct ServerWords: Error, Equatable {
    /// What a person is meant to read; empty where the body isn't JSON or says nothing.
    var message = ""
    /// Codes, types and reasons, from the outermost in.
    var codes: [String] = []
    /// The request's parameter that is meant, where the server names it in a field of its own.
    var parameter: String?
    /// The status in the body.
    var status: Int?
    /// How long the server asks to be left alone, where its body says so.
    var pause: Duration?
    /// A body that isn't JSON: a page, or plain text.
    var page: String?
    /// Whether the body is a page of HTML.
    var isHTML = false
    /// Whether the body is JSON and has an error in it.
    var hasError = false

    /// - Parameter isAnswer: whether the body came with a status of success, where only an `error` makes it a refusal.
    init(_ body: [UInt8], isAnswer: Bool = false) {
        let start = body.prefix(64 << 10)
        guard let json = LenientJSON.read(body) else {
            let text = String(decoding: start.prefix(4096), as: UTF8.self)
            isHTML = text.first { !$0.isWhitespace } == "<"
            page = text
            return
        }
        if isAnswer { readErrors(of: json) } else { read(json, depth: 0) }
        pause = pause ?? Self.pause(in: message)
    }

    /// The error of a body that came with a success: at the top, or in the first choice.
    private mutating func readErrors(of json: JSONValue) {
        let choice = json["choices"]?.elements?.first
        let error = json["error"] ?? choice?["error"] ?? choice?["message"]?["error"]
        if let error {
            read(.object(["error": error]), depth: 0)
        } else if json["choices"] == nil, json["base_resp"] != nil || json["object"] == .text("error") {
            read(json, depth: 0)
        }
    }

    private mutating func read(_ value: JSONValue, depth: Int) {
        guard depth < 6 else { return }
        switch value {
        case .text(let text):
            // Some hand another server's answer on, as text.
            if depth > 0, text.first == "{", let inner = LenientJSON.read(Array(text.utf8)) {
                read(inner, depth: depth + 1)
            } else if depth > 0 {
                say(text)
            }
        case .array(let elements): for element in elements.prefix(8) { read(element, depth: depth + 1) }
        case .object: readMembers(value, depth: depth)
        default: break
        }
    }

    private mutating func readMembers(_ value: JSONValue, depth: Int) {
        for key in ["code", "type", "status", "reason", "error_code", "status_code", "http_code", "@type"] {
            note(value[key])
        }
        for key in ["param", "parameter", "loc", "field"] where parameter == nil {
            parameter = value[key]?.text ?? value[key]?.elements?.compactMap(\.text).last { $0 != "body" }
        }
        if let delay = value["retryDelay"]?.text, let seconds = Double(delay.filter { $0 != "s" }), seconds >= 0 {
            pause = .milliseconds(Int64(saturating: min(seconds, 1e6) * 1000))
        }
        for key in ["message", "msg", "error_msg", "status_msg", "error_description", "title", "detail"] {
            guard let said = value[key] else { continue }
            if let text = said.text { say(text) } else { read(said, depth: depth + 1) }
        }
        // A page's address or the prompt may stand in other members: they are not read.
        for key in [
            "error", "errors", "innererror", "metadata", "raw", "details", "base_resp", "Message", "errorMessage",
        ] {
            if let inner = value[key] { read(inner, depth: depth + 1) }
        }
    }

    private mutating func note(_ code: JSONValue?) {
        switch code {
        case .text(let text)?:
            hasError = true
            codes.append(text)
            if let number = Int(text), (400..<600).contains(number) { status = status ?? number }
        case .whole(let number)?:
            hasError = true
            if (400..<600).contains(number) { status = status ?? Int(number) } else { codes.append("\(number)") }
        default: break
        }
    }

    private mutating func say(_ text: String) {
        hasError = true
        guard !text.isEmpty, !message.contains(text) else { return }
        if text.first == "{", let inner = LenientJSON.read(Array(text.utf8)) { return read(inner, depth: 4) }
        message += (message.isEmpty ? "" : ". ") + text
    }

    /// As in `Please try again in 7.66s`, `1m2.5s` or `20 seconds`.
    private static func pause(in text: String) -> Duration? {
        guard
            let match = text.lowercased().firstMatch(
                of: /(?:try again|retry) (?:in|after) (?:(\d+)m(?!s))?\s*(?:(\d+(?:\.\d+)?)\s*(ms|s\b|sec|second))?/)
        else { return nil }
        let minutes = match.1.flatMap { Double($0) } ?? 0
        let rest = match.2.flatMap { Double($0) } ?? 0
        let seconds = min(minutes * 60 + (match.3 == "ms" ? rest / 1000 : rest), 1e6)
        return seconds > 0 ? .milliseconds(Int64(saturating: (seconds * 1000).rounded(.up))) : nil
    }
}
