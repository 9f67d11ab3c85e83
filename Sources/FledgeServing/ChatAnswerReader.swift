import FledgeCore

/// Reads the usual form of a chat completion in one pass over its bytes: reading any JSON takes several times as long, and
/// every model call has an answer.
///
/// Nil for whatever is not plainly a whole answer of that form (several choices, a key twice, no content, a limit reached, an
/// error, anything malformed), which is for ``LenientJSON`` and ``ChatAnswer`` to judge.
package struct ChatAnswerReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0
    /// Nesting is read by recursion.
    private static let maximumDepth = 64

    /// Thrown where the text is not what was expected.
    private struct Unusual: Error {}

    package static func read(_ body: [UInt8]) -> ChatAnswer? {
        body.withUnsafeBufferPointer { bytes in
            var reader = ChatAnswerReader(bytes: bytes)
            return try? reader.answer()
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    // MARK: What an answer has

    private struct Usage {
        var prompt: Int?
        var completion: Int?
        var cached: Int?
    }

    private mutating func answer() throws(Unusual) -> ChatAnswer {
        var answer: ChatAnswer?
        var usage = Usage()
        try object { reader, key throws(Unusual) in
            switch key {
            case "choices": answer = try reader.onlyChoice()
            case "usage": usage = try reader.usage()
            case "error": guard try reader.isNull() else { throw Unusual() }
            default: try reader.skip()
            }
        }
        blanks()
        guard var answer, index == bytes.count else { throw Unusual() }
        answer.promptTokens = usage.prompt
        answer.completionTokens = usage.completion
        answer.cachedTokens = usage.cached
        return answer
    }

    private mutating func onlyChoice() throws(Unusual) -> ChatAnswer {
        try expect(UInt8(ascii: "["))
        var content: String?
        var finishReason: String?
        try object { reader, key throws(Unusual) in
            switch key {
            case "message": content = try reader.content()
            case "finish_reason": finishReason = try reader.isNull() ? nil : try reader.string()
            case "logprobs", "error": guard try reader.isNull() else { throw Unusual() }
            default: try reader.skip()
            }
        }
        try expect(UInt8(ascii: "]"))
        // What is no whole answer has more to it.
        guard let content, !content.isEmpty, finishReason == nil || finishReason == "stop" else { throw Unusual() }
        return ChatAnswer(content: content, finishReason: finishReason)
    }

    private mutating func content() throws(Unusual) -> String? {
        var content: String?
        try object { reader, key throws(Unusual) in
            switch key {
            case "content": content = try reader.string()
            case "refusal", "reasoning_content", "reasoning", "thinking", "reasoning_details":
                guard try reader.isNull() else { throw Unusual() }
            default: try reader.skip()
            }
        }
        return content
    }

    private mutating func usage() throws(Unusual) -> Usage {
        var usage = Usage()
        try object { reader, key throws(Unusual) in
            switch key {
            case "prompt_tokens": usage.prompt = try reader.whole()
            case "completion_tokens": usage.completion = try reader.whole()
            case "prompt_tokens_details":
                if try reader.isNull() { return }
                try reader.object { reader, key throws(Unusual) in
                    if key == "cached_tokens" {
                        usage.cached = try reader.isNull() ? nil : try reader.whole()
                    } else {
                        try reader.skip()
                    }
                }
            default: try reader.skip()
            }
        }
        guard usage.prompt != nil, usage.completion != nil else { throw Unusual() }
        return usage
    }

    // MARK: JSON

    private mutating func blanks() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index += 1
            default: return
            }
        }
    }

    private mutating func next() throws(Unusual) -> UInt8 {
        blanks()
        guard index < bytes.count else { throw Unusual() }
        return bytes[index]
    }

    private mutating func expect(_ byte: UInt8) throws(Unusual) {
        guard try next() == byte else { throw Unusual() }
        index += 1
    }

    private mutating func takes(_ byte: UInt8) throws(Unusual) -> Bool {
        guard try next() == byte else { return false }
        index += 1
        return true
    }

    private mutating func word(_ word: StaticString) throws(Unusual) {
        let count = word.utf8CodeUnitCount
        guard index + count <= bytes.count,
            UnsafeBufferPointer(start: word.utf8Start, count: count).elementsEqual(bytes[index..<index + count])
        else { throw Unusual() }
        index += count
    }

    private mutating func isNull() throws(Unusual) -> Bool {
        guard try next() == UInt8(ascii: "n") else { return false }
        try word("null")
        return true
    }

    /// Reads an object's members; the body has to read each one's value.
    private mutating func object(
        _ member: (inout ChatAnswerReader, String) throws(Unusual) -> Void
    ) throws(Unusual) {
        try expect(UInt8(ascii: "{"))
        var seen: [String] = []
        if try takes(UInt8(ascii: "}")) { return }
        repeat {
            let key = try string()
            guard !seen.contains(key) else { throw Unusual() }
            seen.append(key)
            try expect(UInt8(ascii: ":"))
            try member(&self, key)
        } while try takes(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
    }

    private mutating func string() throws(Unusual) -> String {
        try expect(UInt8(ascii: "\""))
        let start = index
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            // A text with an escape, which is rare, is read by a slower way of its own.
            guard bytes[index] >= 0x20, bytes[index] != UInt8(ascii: "\\") else { return try escaped(from: start) }
            index += 1
        }
        guard index < bytes.count, let text = String(validating: bytes[start..<index], as: UTF8.self) else {
            throw Unusual()
        }
        index += 1
        return text
    }

    private mutating func escaped(from start: Int) throws(Unusual) -> String {
        var text = Array(bytes[start..<index])
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            guard bytes[index] >= 0x20 else { throw Unusual() }
            guard bytes[index] == UInt8(ascii: "\\") else {
                text.append(bytes[index])
                index += 1
                continue
            }
            guard index + 1 < bytes.count else { throw Unusual() }
            switch bytes[index + 1] {
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(bytes[index + 1])
            default: throw Unusual()
            }
            index += 2
        }
        guard index < bytes.count, let text = String(validating: text, as: UTF8.self) else { throw Unusual() }
        index += 1
        return text
    }

    private mutating func whole() throws(Unusual) -> Int {
        _ = try next()
        let start = index
        while index < bytes.count, (0x30...0x39).contains(bytes[index]) { index += 1 }
        // A sign, a fraction, an exponent or a leading zero is for the other reader to judge.
        guard index > start, index - start < 18, index == start + 1 || bytes[start] != 0x30,
            index < bytes.count, ![UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(bytes[index])
        else { throw Unusual() }
        return bytes[start..<index].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private mutating func skip(depth: Int = 0) throws(Unusual) {
        guard depth < Self.maximumDepth else { throw Unusual() }
        switch try next() {
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "{"):
            try object { reader, _ throws(Unusual) in try reader.skip(depth: depth + 1) }
        case UInt8(ascii: "["):
            index += 1
            if try takes(UInt8(ascii: "]")) { return }
            repeat { try skip(depth: depth + 1) } while try takes(UInt8(ascii: ","))
            try expect(UInt8(ascii: "]"))
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: try number()
        }
    }

    private mutating func number() throws(Unusual) {
        if try takes(UInt8(ascii: "-")) {}
        func digits() throws(Unusual) -> Int {
            let start = index
            while index < bytes.count, (0x30...0x39).contains(bytes[index]) { index += 1 }
            guard index > start else { throw Unusual() }
            return index - start
        }
        let first = index
        if try digits() > 1, bytes[first] == 0x30 { throw Unusual() }
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            _ = try digits()
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < bytes.count, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[index]) { index += 1 }
            _ = try digits()
        }
    }
}
