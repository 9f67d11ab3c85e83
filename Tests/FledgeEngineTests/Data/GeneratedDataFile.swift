import FledgeCore

/// A data file drawn by a seed: encodings × separators × quoting × line ends × sizes × odd values, and then, for every
/// other file, bytes that are changed, left out or put in.
struct GeneratedDataFile {
    let name: String
    let bytes: [UInt8]

    init(seed: UInt64) {
        var draw = Draw(seed: seed)
        let isJSON = draw.chance(0.4)
        let text: String
        let kind: String
        if isJSON {
            text = Self.lines(&draw)
            kind = "jsonl"
        } else {
            (text, kind) = Self.table(&draw)
        }
        var bytes = Self.encoded(text, &draw)
        if draw.chance(0.5) { Self.damage(&bytes, &draw) }
        let digits = String(seed)
        name = "\(String(repeating: "0", count: max(0, 8 - digits.count)))\(digits).\(kind)"
        self.bytes = bytes
    }

    /// Random choices.
    private struct Draw {
        private var random: SplitMix64

        init(seed: UInt64) { random = SplitMix64(seed: seed) }

        mutating func below(_ bound: Int) -> Int { Int(random.next(below: UInt64(bound))) }
        mutating func chance(_ share: Double) -> Bool { Double(below(1_000_000)) < share * 1_000_000 }
        mutating func of<Value>(_ values: [Value]) -> Value { values[below(values.count)] }
    }

    // MARK: Values

    private static let oddities = [
        "", " ", "5\" pipe", "\"", "\"\"", "a,b", "a;b", "a\tb", "a|b", "'", "\\", "a\nb", "a\r\nb", "a\rb", "\n",
        "\u{200D}x",
        "x\u{200C}", "\u{FE0F}y", "\u{64B}z", "\u{E33}", "e\u{301}", "é", "ß", "😀", "👩‍👩‍👧", "\u{2028}", "\u{85}",
        "\u{FEFF}", "\u{A0}",
        "日本", "ไทย", "=1+1", "1.10", "007", "-0", "1e5", "NaN", "null", "true", "12345678901234567890", " a ", "\ta",
        "C++", "sep=;",
        "text", "label", "\u{7F}", "\u{1}", "he said \"no\", twice", "a\"b\"c", ",", ";", ",,", "\"a\",\"b\"",
    ]
    private static let words = ["bug", "billing", "access", "message", "about", "the", "card", "app", "x"]

    private static func value(_ draw: inout Draw) -> String {
        if draw.chance(0.01) { return String(repeating: "long ", count: draw.below(2_000)) }
        if draw.chance(0.005) { return "a\0b" }
        return (0...draw.below(4)).map { _ in draw.chance(0.3) ? draw.of(oddities) : draw.of(words) }
            .joined(separator: draw.chance(0.8) ? " " : "")
    }

    private static func rowCount(_ draw: inout Draw) -> Int { draw.chance(0.02) ? 200 : draw.below(9) }

    private static func names(_ draw: inout Draw) -> [String] {
        var names = ["text", "label", "group"]
        for _ in 0..<draw.below(3) { names.append(draw.of(["id", "note", "", "naïve", "text", "a b"])) }
        if draw.chance(0.05) { names.removeFirst() }
        if draw.chance(0.05) { names[0] = names[0].uppercased() }
        for place in names.indices.reversed() { names.swapAt(place, draw.below(place + 1)) }
        return names
    }

    // MARK: CSV

    private static func table(_ draw: inout Draw) -> (text: String, kind: String) {
        let delimiter = draw.of([",", ",", ",", ";", "\t", "|"])
        let end = draw.of(["\n", "\n", "\r\n", "\r\n", "\r"])
        let quoting = draw.of(["needed", "needed", "all", "some", "none"])
        func field(_ value: String, _ draw: inout Draw) -> String {
            let isNeeded = value.utf8.contains { "\"\r\n\(delimiter)".utf8.contains($0) }
            let isQuoted = quoting == "all" || quoting == "needed" && isNeeded || quoting == "some" && draw.chance(0.5)
            return isQuoted ? "\"" + value.replacing("\"", with: "\"\"") + "\"" : value
        }
        let names = names(&draw)
        var lines: [String] = []
        if draw.chance(0.1) { lines.append(draw.of(["sep=\(delimiter)", "\"sep=\(delimiter)\"", "", "Title"])) }
        lines.append(names.map { field($0, &draw) }.joined(separator: delimiter))
        for _ in 0..<rowCount(&draw) {
            if draw.chance(0.05) { lines.append(draw.of(["", "  ", "\t"])) }
            var row = names.map { _ in value(&draw) }
            if draw.chance(0.02) { row.removeLast() }
            if draw.chance(0.02) { row.append("") }
            lines.append(row.map { field($0, &draw) }.joined(separator: delimiter))
        }
        let text = lines.joined(separator: end) + (draw.chance(0.7) ? end : "")
        return (text, draw.chance(delimiter == "\t" ? 0.5 : 0.02) ? "tsv" : "csv")
    }

    // MARK: JSON Lines

    private static func lines(_ draw: inout Draw) -> String {
        let end = draw.of(["\n", "\n", "\n", "\r\n", "\r"])
        let names = names(&draw)
        var lines: [String] = []
        for _ in 0..<rowCount(&draw) {
            if draw.chance(0.03) { lines.append(draw.of(["", " ", "[1]", "7", "{}", "not json", "{\"text\":"])) }
            var members = names.map { name in
                "\(quoted(name, &draw))\(draw.of([":", ": ", " : "]))\(jsonValue(&draw))"
            }
            if draw.chance(0.03) { members.append("\"label\": \"again\"") }
            let object = "{" + members.joined(separator: draw.of([",", ", "])) + "}"
            lines.append(draw.chance(0.02) ? object + draw.of([",", " {}", " "]) : object)
        }
        let text = lines.joined(separator: end) + (draw.chance(0.7) ? end : "")
        if draw.chance(0.02) { return "[\n" + lines.joined(separator: ",\n") + "\n]\n" }
        if draw.chance(0.02) { return text.replacing(",", with: ",\n  ") }
        return text
    }

    private static func jsonValue(_ draw: inout Draw) -> String {
        if draw.chance(0.75) { return quoted(value(&draw), &draw) }
        return draw.of([
            "1.10", "1.0", "-0", "1e5", "1E+5", "0.10", "12345678901234567890", "9223372036854775808", "7", "-3.5e-10",
            "true",
            "false", "null", "NaN", "-Infinity", "007", "1.", "+1", "{\"a\": 1}", "[]", "None",
        ])
    }

    private static func quoted(_ text: String, _ draw: inout Draw) -> String {
        let isEscaped = draw.chance(0.3)
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += draw.chance(0.9) ? "\\t" : "\t"
            case _ where scalar.value < 0x20 || isEscaped && scalar.value >= 0x80:
                for unit in String(Character(scalar)).utf16 {
                    let digits = String(unit, radix: 16)
                    result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            default: result.unicodeScalars.append(scalar)
            }
        }
        if draw.chance(0.005) { result += draw.of(["\\ud83d", "\\udc00x", "\\u0000", "\\x", "\\ud83d\\u0041"]) }
        return result + "\""
    }

    // MARK: Bytes

    private static func encoded(_ text: String, _ draw: inout Draw) -> [UInt8] {
        switch draw.below(20) {
        case 0, 1: return [0xEF, 0xBB, 0xBF] + Array(text.utf8)
        case 2, 3: return [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        case 4: return [0xFE, 0xFF] + text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        case 5: return text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        case 6: return text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        default: return Array(text.utf8)
        }
    }

    private static func damage(_ bytes: inout [UInt8], _ draw: inout Draw) {
        for _ in 0...draw.below(3) where !bytes.isEmpty {
            let place = draw.below(bytes.count)
            switch draw.below(4) {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert(draw.of(Array("\"\",;\t|\n\r {}[]:\\0".utf8)), at: place)
            case 2: bytes[place] = draw.of(Array("\",\n\r\"".utf8))
            default: if draw.chance(0.3) { bytes.removeSubrange(place...) }
            }
        }
    }
}
