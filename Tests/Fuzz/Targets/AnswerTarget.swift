import CurlClient
import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

@testable import FledgeServing

/// What a model server answers: a line with the status, header fields, a blank line, and the body.
enum AnswerTarget {
    private static let key = "sk-abcdef0123456789abcdef"
    private static let question = "Which of the departments answers this letter about a broken kettle"
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    static func run(_ bytes: [UInt8]) {
        let message = Message(bytes)
        let status = Int(message.line.prefix(3)).map { min(max($0, 100), 599) } ?? 200
        var headers = HTTPHeaders()
        for (name, value) in message.fields {
            headers.append(name, value)
            if let date = HTTPDate(value) { check(date, value) }
        }
        pauses(headers)
        json(message.body)
        let answer = ChatAnswer.read(message.body)
        if case .success(let answer) = answer, (200..<300).contains(status) {
            for request in requests {
                check(Completion(answer, to: request, isWrapped: request.choices != nil, exchange: .milliseconds(20)))
            }
        } else {
            refusal(answer, message.body, status, headers)
        }
        _ = AnswerScorer.read(message.body, prompt: 2, answer: [7, 8])
        for model in ListedModel.list(message.body) ?? [] { _ = model.shutdown }
    }

    private static let requests = [DecodingDefinition(), DecodingDefinition(maxTokens: 8, reasoning: .strip)].flatMap {
        decoding in
        [nil, ["billing", "1", "{}"]].map { choices in
            CompletionRequest(
                model: "gpt-x", adapter: nil, messages: [ChatMessage(role: .user, content: question)],
                decoding: decoding, choices: choices)
        }
    }

    private static func refusal(
        _ reply: Result<ChatAnswer, ServerWords>, _ body: [UInt8], _ status: Int, _ headers: HTTPHeaders
    ) {
        let request = requests[0]
        let words =
            if case .failure(let said) = reply, (200..<300).contains(status) { said } else { ServerWords(body) }
        let refusal = ServerRefusal(
            status: status, headers: headers, words: words, request: request,
            privately: PrivateText(of: request, key: key))
        expect(refusal.shown.count <= 200, "\(refusal.shown.count) characters are shown")
        expect(!refusal.shown.contains { $0.isNewline }, "several lines are shown")
        expect(!refusal.shown.contains(key) && !refusal.shown.contains(question), "what is private is shown")
        expect(refusal.pause ?? .zero >= .zero, "a pause below nothing")
        let error = ModelFailure.error(refusal, model: request.model)
        expectTelling(error)
        expect(
            refusal.kind.isPassing == [.tryAgain, .unavailable].contains(error.exitCode),
            "\(error.code): whether it passes")
        expect(error.hint?.isEmpty == false, "\(error.code) has no hint")
        _ = refusal.asksForMoreThanAllowed
        expect(
            !(200..<300).contains(refusal.status) || refusal.kind.isPassing || words.hasError, "an error out of nothing"
        )
    }

    private static func check(_ completion: Completion) {
        for count in [completion.promptTokens, completion.completionTokens, completion.cachedTokens] {
            expect((0...1_000_000_000).contains(count ?? 0), "\(count ?? 0) tokens")
        }
        expect(completion.logProbability?.isFinite ?? true, "a probability that is no number")
        expect(completion.isWhole || completion.missing != nil, "neither whole nor short")
        if completion.text.allSatisfy(\.isWhitespace) { expect(!completion.isWhole, "nothing is a whole answer") }
        // The cache and the database keep it.
        let again = must("an answer reads back") {
            try JSONDecoder().decode(Completion.self, from: JSONEncoder().encode(completion))
        }
        expect(again == completion, "an answer is another after it was kept")
    }

    /// The quick reader reads what the other one reads, and JSON that is written reads back.
    private static func json(_ body: [UInt8]) {
        let value = LenientJSON.read(body)
        if let quick = ChatAnswerReader.read(body) {
            expect(value.flatMap(ChatAnswer.init) == quick, "the quick reader reads something else")
        }
        // What JSON has no number for is not written.
        guard let value, let text = try? JSONEncoder().encode(value) else { return }
        let isSame = LenientJSON.read(Array(text)).map { same($0, value) }
        expect(isSame == true, "JSON is another after it was written and read")
    }

    /// Whether they say the same: 1e2 is written as 100, and read as a whole number then.
    private static func same(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch (left, right) {
        case (.object(let left), .object(let right)):
            left.count == right.count && left.allSatisfy { key, value in right[key].map { same(value, $0) } ?? false }
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { same($0, $1) }
        case (.whole(let whole), .number(let number)), (.number(let number), .whole(let whole)):
            Double(whole) == number
        default: left == right
        }
    }

    private static func pauses(_ headers: HTTPHeaders) {
        if let wish = RetryPolicy.wish(headers, now: now) { expect(wish >= .zero, "a pause below nothing") }
        for attempt in [1, 2] {
            guard let pause = RetryPolicy().pause(afterAttempt: attempt, headers: headers, random: 0.5, now: now) else {
                continue
            }
            expect((.zero...RetryPolicy.longestObeyed).contains(pause), "a pause of \(pause)")
        }
    }

    /// A date is the same when it is written as HTTP writes it.
    private static func check(_ date: HTTPDate, _ text: String) {
        var (time, parts) = (time_t(date.secondsSince1970), tm())
        var written = [CChar](repeating: 0, count: 64)
        guard gmtime_r(&time, &parts) != nil else { return }
        // Years of four digits, from the first of the calendar on; a zone may lead out of both.
        guard (1583 - 1900...9999 - 1900).contains(Int(parts.tm_year)) else { return }
        strftime(&written, 64, "%a, %d %b %Y %H:%M:%S GMT", &parts)
        let again = String(decoding: written.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        expect(HTTPDate(again) == date, "\(text) is \(again)")
    }
}
