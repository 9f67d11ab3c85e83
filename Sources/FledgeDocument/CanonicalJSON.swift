/// A JSON value whose text is always the same for the same value: compact, keys sorted by their UTF-8 bytes.
///
/// Foundation's encoder is not used: a definition has to compile and run without loading Foundation.
public enum CanonicalJSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case signed(Int64)
    case unsigned(UInt64)
    case double(Double)
    case string(String)
    case array([CanonicalJSON])
    case object([String: CanonicalJSON])

    /// The canonical text of `value`.
    ///
    /// Numbers that JSON lacks are written as the strings `NaN`, `Infinity` and `-Infinity`, so that validation can
    /// report them with their line instead of encoding failing without one.
    public static func text(of value: some Encodable) -> String { CanonicalJSON(of: value).text }

    /// The value that `text(of:)` writes.
    public init(of value: some Encodable) {
        let slot = EncodedSlot()
        // The encoder below never throws, and neither do the types of this module; a type that does throw has its
        // error written where its value would be.
        do {
            try value.encode(to: CanonicalJSONEncoder(slot: slot))
        } catch {
            self = .object(["encodingError": .string("\(error)")])
            return
        }
        self = slot.value
    }

    /// The canonical text of this value.
    public var text: String {
        var out = ""
        write(into: &out)
        return out
    }

    private func write(into out: inout String) {
        switch self {
        case .null: out += "null"
        case .bool(let value): out += value ? "true" : "false"
        case .signed(let value): out += "\(value)"
        case .unsigned(let value): out += "\(value)"
        case .double(let value): Self.write(value, into: &out)
        case .string(let value): Self.write(value, into: &out)
        case .array(let values):
            out += "["
            for (index, value) in values.enumerated() {
                if index > 0 { out += "," }
                value.write(into: &out)
            }
            out += "]"
        case .object(let members):
            out += "{"
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            for (index, member) in sorted.enumerated() {
                if index > 0 { out += "," }
                Self.write(member.key, into: &out)
                out += ":"
                member.value.write(into: &out)
            }
            out += "}"
        }
    }

    /// The shortest digits that read back as the same number; whole numbers without a fraction.
    private static func write(_ value: Double, into out: inout String) {
        if value.isNaN {
            write("NaN", into: &out)
        } else if value.isInfinite {
            write(value < 0 ? "-Infinity" : "Infinity", into: &out)
        } else if abs(value) < 1e15, Double(Int64(value)) == value {
            // No `rounded()`: it would make every definition link the C library's mathematics.
            out += "\(Int64(value))"
        } else {
            out += "\(value)"
        }
    }

    private static func write(_ value: String, into out: inout String) {
        out += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            case "\t": out += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: out.unicodeScalars.append(scalar)
            }
        }
        out += "\""
    }
}
