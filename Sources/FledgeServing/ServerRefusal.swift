import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine

/// What a model server's refusal means: for this question, for every question, or for now.
struct ServerRefusal: Error {
    enum Kind: Equatable, CaseIterable {
        /// This question has no answer.
        case contextOverflow, filtered
        /// No question would have one.
        case badRequest, unauthorized, noCredit, unknownModel, wrongAddress, tooLarge, template
        /// Another time it might.
        case overloaded, rateLimited, timeout, badAnswer

        var isPassing: Bool { [.overloaded, .rateLimited, .timeout, .badAnswer].contains(self) }
    }

    let kind: Kind
    /// The status that counts: the body's own where it came with a success.
    let status: Int
    /// The status of HTTP.
    let httpStatus: Int
    let words: ServerWords
    /// What may be shown of the server's words: one line without anything private, at most 200 characters.
    let shown: String
    /// Where a redirect leads to, without its query.
    let location: String?
    /// The parameter that the server refuses, where it can be told.
    let parameter: RefusedParameter?

    /// - Parameter privately: what is to be kept out of words, and out of the judgement: prompts speak of refunds and limits.
    init(
        status: Int, headers: HTTPHeaders, words: ServerWords, request: CompletionRequest,
        privately: PrivateText
    ) {
        httpStatus = status
        self.words = words
        let message = privately.removed(from: String(words.message.prefix(2000)))
        let page = words.page.map { privately.removed(from: String($0.prefix(2000))) } ?? ""
        shown = Self.line(message)
        location = headers["location"].map { String($0.prefix { !"?#".contains($0) }.prefix(200)) }
        let isAnswer = (200..<300).contains(status)
        self.status = isAnswer ? words.status ?? Self.status(of: words.codes) ?? status : status
        let text = (words.codes + [message, page]).joined(separator: "\n").lowercased()
        let said = Self.removing(request.model.lowercased(), from: text)
        kind = Self.kind(status: self.status, isAnswer: isAnswer, said: said, words: words, request: request)
        parameter = kind == .badRequest ? RefusedParameter(words: words, said: said) : nil
    }

    /// The text with `model` in place of the model's name, which is no statement about anything.
    private static func removing(_ name: String, from text: String) -> String {
        guard !name.isEmpty, text.contains(name) else { return text }
        func isWord(_ character: Character?) -> Bool { character.map { $0.isLetter || $0.isNumber } ?? false }
        var left = ""
        var rest = text[...]
        while let range = rest.firstRange(of: name) {
            let before = rest[..<range.lowerBound]
            let isAlone =
                !isWord(before.last ?? left.last)
                && !isWord(range.upperBound < rest.endIndex ? rest[range.upperBound] : nil)
            left += before + (isAlone ? "model" : name)
            rest = rest[range.upperBound...]
        }
        return left + rest
    }

    /// The status that an error's type stands for, where it came with a success.
    private static func status(of codes: [String]) -> Int? {
        let codes = codes.joined(separator: " ").lowercased()
        for (word, status) in [
            ("authentication", 401), ("invalid_api_key", 401), ("unauthorized", 401), ("permission", 403),
            ("not_found", 404), ("invalid_request", 400), ("badrequest", 400), ("bad_request", 400),
        ] where codes.contains(word) {
            return status
        }
        return nil
    }

    private static func kind(
        status: Int, isAnswer: Bool, said: String, words: ServerWords, request: CompletionRequest
    ) -> Kind {
        func says(_ wordings: [RefusalWordings.Wording]) -> Bool { RefusalWordings.says(said, any: wordings) }
        if (300..<400).contains(status) { return .wrongAddress }
        if isAnswer, !words.hasError { return .badAnswer }
        if status == 402 { return .noCredit }
        let isRate = status == 429 || says(RefusalWordings.rate)
        if says(RefusalWordings.noCredit) { return .noCredit }
        if says([RefusalWordings.currentQuota]) {
            return said.contains(RefusalWordings.geminiRate) ? .rateLimited : .noCredit
        }
        if status != 401, !(status == 429 || says([["please wait"]])), says(RefusalWordings.overflow), !isRate {
            return leavesRoom(said, request) ? .contextOverflow : .badRequest
        }
        if isRate, [400, 403, 413, 429, 503, 529].contains(status) || isAnswer { return .rateLimited }
        if status != 401, says(RefusalWordings.filter) { return .filtered }
        if [400, 422, 500].contains(status) || isAnswer, says(RefusalWordings.template) { return .template }
        if status == 400, says(RefusalWordings.badKey) { return .unauthorized }
        switch status {
        case 401, 403, 407: return .unauthorized
        case 404, 405, 410: return absent(status, said, words)
        case 408, 504, 524: return .timeout
        case 409, 423, 425: return .overloaded
        case 413: return .tooLarge
        case 501, 505: return .badRequest
        case 400..<500:
            return says(RefusalWordings.unknownModel) && RefusedParameter(words: words, said: said) == nil
                ? .unknownModel : .badRequest
        case 500...: return .overloaded
        default:
            // A success with an error in it that has no status of its own.
            if says(RefusalWordings.wrongAddress) { return .wrongAddress }
            return words.hasError ? .overloaded : .badAnswer
        }
    }

    /// Whether a shorter prompt would have room, by the context's length where the server tells it: `maxTokens` alone may
    /// be more than there is.
    private static func leavesRoom(_ said: String, _ request: CompletionRequest) -> Bool {
        guard
            let match = said.firstMatch(
                of: /(?:maximum context length is|max_new_tokens` must be <=|context length of only)\s*(\d+)/),
            let context = Int(match.1)
        else { return true }
        return request.decoding.maxTokens < context
    }

    private static func absent(_ status: Int, _ said: String, _ words: ServerWords) -> Kind {
        if status == 405 || words.page != nil { return .wrongAddress }
        if RefusalWordings.says(said, any: RefusalWordings.wrongAddress) { return .wrongAddress }
        if RefusedParameter(words: words, said: said) != nil { return .badRequest }
        return said.contains("model") || said.contains("deployment") || said.contains("endpoint")
            ? .unknownModel : .wrongAddress
    }

    /// One line of at most 200 characters, without what looks like a key.
    private static func line(_ text: String) -> String {
        let visible = String(
            text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
        let words = visible.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            .replacing(/(?:sk|pk|gsk|xai|hf|key)[-_][A-Za-z0-9*_\-.]{6,}|[Bb]earer \S+/, with: "…")
        return words.count > 200 ? words.prefix(199) + "…" : words
    }

    /// How long the server asks for peace in its body, where its headers don't say.
    var pause: Duration? { words.pause }

    /// Whether this one question asks for more than the account has in any minute: no pause helps.
    var asksForMoreThanAllowed: Bool {
        guard kind == .rateLimited,
            let match = words.message.lowercased().firstMatch(of: /limit:? (\d+),.{0,40}?requested:? (\d+)/),
            let limit = Int(match.1), let requested = Int(match.2)
        else { return false }
        return words.message.lowercased().contains("too large") && requested > limit
    }
}
