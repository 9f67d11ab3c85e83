import FledgeDocument

/// Compares one field of a JSON answer with the expected value.
package enum JSONFieldScorer {
    /// The answer has to hold exactly one JSON object (see `WrappedReply`). The expected text is a JSON object that has the
    /// field, or else the field's value. A dotted path (`price.amount`) goes into nested objects; a key that the answer
    /// repeats with different values has none.
    ///
    /// By meaning: numbers are compared digit by digit as decimals (`1.10` is `1.1`, `184.35` is neither `184,35` nor
    /// `18435`), also one that either side writes as a text; texts as `LabelComparison` compares them, among the field's
    /// values in the data; truth values and null by their words; arrays and objects part by part. A field that neither side
    /// has, or that is null where the other has none, agrees.
    ///
    /// Exactly: values of one type that are written alike; where the expected text is no JSON object, the value as it is
    /// written has to be that text.
    ///
    /// - Parameter values: the field's values in the data.
    package static func matches(
        output: String, expected: String, field: String, comparison: JSONFieldComparison = .meaning,
        values: LabelComparison
    ) -> Bool {
        guard let answer = WrappedReply.object(in: output) else { return false }
        let given = value(of: field, in: answer)
        guard case .object(let object)? = JSONText(expected) else {
            guard case .value(let given) = given else { return false }
            if comparison == .exact { return (given.plainText ?? "null") == expected && given.isPlain }
            return agree(given, .text(AnswerText.trimmed(expected)), values)
        }
        switch (given, value(of: field, in: object)) {
        case (.value(let given), .value(let wanted)):
            return comparison == .exact ? given == wanted : agree(given, wanted, values)
        case (.none, .none): return true
        case (.value(let given), .none), (.none, .value(let given)): return comparison == .meaning && given == .null
        case (.ambiguous, _), (_, .ambiguous): return false
        }
    }

    /// The text that a field's value is compared as, where it is one: what an expected text says of the field.
    package static func text(of field: String, in expected: String) -> String? {
        guard case .object(let object)? = JSONText(expected) else { return AnswerText.trimmed(expected) }
        guard case .value(let value) = value(of: field, in: object) else { return nil }
        return value.plainText
    }

    /// Whether an expected text says something of the field: it is no JSON object, or one that has it.
    package static func has(_ field: String, in expected: String) -> Bool {
        guard case .object(let object)? = JSONText(expected) else { return true }
        if case .none = value(of: field, in: object) { return false }
        return true
    }

    /// The names of the fields that a JSON object has, nested ones as dotted paths; none for another text.
    package static func fields(of expected: String) -> [String] {
        guard case .object(let object)? = JSONText(expected) else { return [] }
        func names(_ object: JSONTextObject, _ path: String) -> [String] {
            object.members.flatMap { key, value -> [String] in
                guard case .object(let inner) = value else { return [path + key] }
                return [path + key] + names(inner, path + key + ".")
            }
        }
        return names(object, "").sorted()
    }

    private enum Found {
        case value(JSONText)
        case none
        case ambiguous
    }

    private static func value(of field: String, in object: JSONTextObject) -> Found {
        var current = JSONText.object(object)
        // A key may have dots of its own.
        let path = object.members[field] == nil ? field.split(separator: ".").map(String.init) : [field]
        for key in path {
            guard case .object(let object) = current, let member = object.members[key] else { return .none }
            if object.ambiguous.contains(key) { return .ambiguous }
            current = member
        }
        return .value(current)
    }

    private static func agree(_ given: JSONText, _ wanted: JSONText, _ values: LabelComparison) -> Bool {
        switch (given, wanted) {
        case (.number(let left), .number(let right)), (.number(let left), .text(let right)),
            (.text(let left), .number(let right)):
            guard let left = ExactDecimal(AnswerText.trimmed(left)), let right = ExactDecimal(AnswerText.trimmed(right))
            else { return false }
            return left == right
        case (.text(let left), .text(let right)): return values.agree(left, with: right)
        case (.bool(let left), .bool(let right)): return left == right
        case (.bool(let flag), .text(let text)), (.text(let text), .bool(let flag)):
            return values.agree(flag ? "true" : "false", with: text)
        case (.null, .null): return true
        case (.null, .text(let text)), (.text(let text), .null): return AnswerText.trimmed(text).lowercased() == "null"
        case (.array(let left), .array(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { agree($0, $1, values) }
        case (.object(let left), .object(let right)):
            return left.ambiguous.isEmpty && right.ambiguous.isEmpty && left.members.count == right.members.count
                && left.members.allSatisfy { key, value in right.members[key].map { agree(value, $0, values) } ?? false
                }
        default: return false
        }
    }
}

extension JSONText {
    fileprivate var isPlain: Bool {
        switch self {
        case .text, .number, .bool, .null: true
        case .object, .array: false
        }
    }
}
