/// One place where two values are not the same.
package struct JSONDifference: Codable, Hashable, Sendable {
    /// Members joined by dots, elements in brackets: `evidence.gate.criteria[0].value`.
    package var path: String
    /// Compact JSON; nil where there is nothing.
    package var recorded: String?
    package var computed: String?

    package init(path: String, recorded: String?, computed: String?) {
        self.path = path
        self.recorded = recorded
        self.computed = computed
    }

    /// Every place where the two differ, in the order of their paths; none when they are the same.
    package static func between(_ recorded: some Encodable, _ computed: some Encodable) throws -> [JSONDifference] {
        var found: [JSONDifference] = []
        compare(try value(of: recorded), try value(of: computed), at: "", &found)
        return found
    }

    private static func value(of encodable: some Encodable) throws -> JSONValue {
        // Numbers that JSON has no text for stay the texts that they are stored as: one of them is no difference.
        try JSONProfile.foreign.value(JSONValue.self, from: try JSONProfile.stored.data(of: encodable))
    }

    private static func compare(_ old: JSONValue?, _ new: JSONValue?, at path: String, _ found: inout [JSONDifference])
    {
        guard old != new else { return }
        switch (old, new) {
        case (.object(let before), .object(let after)):
            for name in Set(before.keys).union(after.keys).sorted() {
                compare(before[name], after[name], at: path.isEmpty ? name : "\(path).\(name)", &found)
            }
        case (.array(let before), .array(let after)):
            for index in 0..<max(before.count, after.count) {
                compare(
                    before.indices.contains(index) ? before[index] : nil,
                    after.indices.contains(index) ? after[index] : nil, at: "\(path)[\(index)]", &found)
            }
        default:
            found.append(JSONDifference(path: path, recorded: old.map(text), computed: new.map(text)))
        }
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .object(let members):
            "{" + members.sorted { $0.key < $1.key }.map { "\($0.key): \(text($0.value))" }.joined(separator: ", ")
                + "}"
        case .array(let elements): "[" + elements.map(text).joined(separator: ", ") + "]"
        case .text(let text): text
        case .whole(let number): String(number)
        case .number(let number): String(number)
        case .bool(let flag): String(flag)
        case .null: "null"
        }
    }
}
