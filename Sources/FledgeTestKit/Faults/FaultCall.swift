import Foundation

/// A chat completion that the fault server was asked for, as far as it matters to it.
package struct FaultCall: Sendable {
    package enum Kind: Sendable { case answer, judge, reflection }

    package let kind: Kind
    /// The number behind the last `t` of the last message, as in `t17`; nil where there is none.
    package let row: Int?
    /// What tells one question from another, decoding aside.
    package let question: String
    /// The names of the request's members.
    package let members: Set<String>
    package let temperature: Double?
    /// Where it doesn't fit into 63 bits.
    package let hasHugeSeed: Bool
    package let hasSystemTurn: Bool

    package init?(_ body: [UInt8]) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
            let messages = object["messages"] as? [[String: Any]]
        else { return nil }
        let texts = messages.map { $0["content"] as? String ?? "" }
        let last = texts.last ?? ""
        if last.contains("<instruction>") {
            kind = .reflection
        } else if texts.contains(where: { $0.contains("===== END ") }) {
            kind = .judge
        } else {
            kind = .answer
        }
        let numbers = last.matches(of: /\bt(\d+)/).compactMap { Int($0.1) }
        row = kind == .reflection ? nil : numbers.last
        question = ([object["model"] as? String ?? ""] + texts).joined(separator: "\u{1F}")
        members = Set(object.keys)
        temperature = (object["temperature"] as? NSNumber)?.doubleValue
        hasHugeSeed = (object["seed"] as? NSNumber).map { $0.doubleValue >= 0x1p63 } ?? false
        hasSystemTurn = messages.first?["role"] as? String == "system"
    }
}
