import Foundation

/// Compares one field of a JSON answer with the expected value.
package enum JSONFieldScorer {
    /// The answer has to be a JSON object. The expected text is the field's value, or a JSON object that has the field.
    /// A dotted path (`price.amount`) goes into nested objects; numbers are compared as numbers, text normalised.
    package static func matches(output: String, expected: String, field: String) -> Bool {
        guard let given = value(of: field, in: output) else { return false }
        let wanted = value(of: field, in: expected) ?? .text(AnswerText.trimmed(expected))
        switch (given, wanted) {
        case (.number(let left), .number(let right)): return left == right
        case (.number(let left), .text(let right)): return Double(right) == left
        case (.text(let left), .number(let right)): return Double(left) == right
        case (.text(let left), .text(let right)): return AnswerText.agree(left, right)
        }
    }

    /// Whether a text is a JSON object.
    package static func isObject(_ text: String) -> Bool {
        guard case .object? = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) else { return false }
        return true
    }

    private enum Value {
        case text(String)
        case number(Double)
    }

    private static func value(of field: String, in text: String) -> Value? {
        guard var current = try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) else { return nil }
        for key in field.split(separator: ".") {
            guard case .object(let members) = current, let member = members[String(key)] else { return nil }
            current = member
        }
        return switch current {
        case .text(let text): .text(text)
        case .number(let number): .number(number)
        case .whole(let whole): .number(Double(whole))
        case .bool(let flag): .text(flag ? "true" : "false")
        case .null: .text("null")
        case .object, .array: nil
        }
    }
}
