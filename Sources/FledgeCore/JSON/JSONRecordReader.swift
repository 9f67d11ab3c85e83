/// Reads one JSON object with plain values (RFC 8259): text unescaped, numbers and truth values as the file writes them.
package struct JSONRecordReader {
    /// What is wrong with an object.
    package struct Fault: Error, Hashable {
        /// Reads on from `row 7`.
        package var message: String
        /// Where in the bytes.
        package var offset: Int
        package var kind = Kind.malformed

        package enum Kind: Sendable {
            case malformed
            /// The bytes end before the object does.
            case endsEarly
            /// A value is an object or an array.
            case nested
        }
    }

    package struct Member {
        package var key: Range<Int>
        /// Nil for null.
        package var value: Range<Int>?
        package var isNumber: Bool
    }

    /// The members of the object that was read, in its order; their ranges are of `text`.
    package private(set) var members: [Member] = []
    package private(set) var text: [UInt8] = []
    private var scanner: JSONScanner

    /// - Parameter bytes: UTF-8.
    package init(_ bytes: [UInt8]) { scanner = JSONScanner(bytes, texts: []) }

    /// Behind the object that was read, and white space.
    package var position: Int { scanner.place }

    package func key(_ member: Member) -> String { String(decoding: text[member.key], as: UTF8.self) }

    /// Reads the object in a range, with nothing else but white space in front of it.
    package mutating func read(_ range: Range<Int>) throws(Fault) {
        members.removeAll(keepingCapacity: true)
        text.removeAll(keepingCapacity: true)
        scanner.place = range.lowerBound
        scanner.end = range.upperBound
        scanner.skipSpace()
        guard scanner.take("{") else { throw fault("is not a JSON object") }
        scanner.skipSpace()
        if !scanner.take("}") {
            repeat { try member() } while scanner.take(",")
            guard scanner.take("}") else { throw expected("a comma or }") }
        }
        scanner.skipSpace()
    }

    private mutating func member() throws(Fault) {
        scanner.skipSpace()
        guard scanner.next == UInt8(ascii: "\"") else { throw expected("a name in quotes") }
        let key = try string(of: nil)
        scanner.skipSpace()
        guard scanner.take(":") else { throw expected("a colon") }
        scanner.skipSpace()
        try value(of: key)
        scanner.skipSpace()
    }

    // MARK: Values

    private mutating func value(of key: Range<Int>) throws(Fault) {
        switch scanner.next {
        case UInt8(ascii: "\""):
            let value = try string(of: key)
            members.append(Member(key: key, value: value, isNumber: false))
        case UInt8(ascii: "-"), (0x30...0x39)?:
            if scanner.starts(with: "-Infinity") { throw notJSON("-Infinity", key) }
            do throws(JSONScanner.Fault) {
                add(key, try scanner.number(), isNumber: true)
            } catch { throw fault(error, of: key) }
        case UInt8(ascii: "{"): throw nested("an object", key)
        case UInt8(ascii: "["): throw nested("an array", key)
        default: try word(of: key)
        }
    }

    /// Adds a member whose value is as it is written.
    private mutating func add(_ key: Range<Int>, _ written: Range<Int>, isNumber: Bool) {
        let start = text.count
        text += scanner.bytes[written]
        members.append(Member(key: key, value: start..<text.count, isNumber: isNumber))
    }

    private mutating func word(of key: Range<Int>) throws(Fault) {
        let start = scanner.place
        if scanner.take(word: "null") {
            members.append(Member(key: key, value: nil, isNumber: false))
        } else if scanner.take(word: "true") || scanner.take(word: "false") {
            add(key, start..<scanner.place, isNumber: false)
        } else {
            for word in ["NaN", "Infinity"] as [StaticString] where scanner.starts(with: word) {
                throw notJSON("\(word)", key)
            }
            throw expected("a value")
        }
    }

    /// Reads a text in quotes, unescaped. - Parameter key: of the value; nil where it is a key itself.
    private mutating func string(of key: Range<Int>?) throws(Fault) -> Range<Int> {
        let start = text.count
        do throws(JSONScanner.Fault) { try scanner.text(onto: &text) } catch { throw fault(error, of: key) }
        return start..<text.count
    }

    // MARK: What to say

    private func fault(_ fault: JSONScanner.Fault, of key: Range<Int>?) -> Fault {
        let owner = key.map { "the field \(name($0))" } ?? "a name"
        return switch fault {
        case .digitMissing: expected("a digit")
        case .leadingZero: self.fault("has a number that begins with 0 in \(owner): put it in quotes")
        case .textUnclosed: expected("a quote that closes the text")
        case .controlCharacter:
            self.fault("has a control character in a text, at \(place): write \\n for a line end")
        case .escapeUnknown:
            expected(scanner.next == nil ? "an escape" : "one of \" \\ / b f n r t u behind a backslash")
        case .hexadecimalMissing: expected("four hexadecimal digits")
        case .halfPair: self.fault("has half a pair of surrogates in \(owner), at \(place): no character")
        case .nul: self.fault("has a NUL character in \(owner), which cannot be stored")
        }
    }

    private func nested(_ what: String, _ key: Range<Int>) -> Fault {
        Fault(
            message:
                "has \(what) in the field \(name(key)): text, numbers, true, false and null are read, nothing deeper",
            offset: position, kind: .nested)
    }

    private func notJSON(_ word: String, _ key: Range<Int>) -> Fault {
        fault("has \(word) in the field \(name(key)), which is no JSON: write null, or put it in quotes")
    }

    /// A name that may be shown: the first of many characters.
    private func name(_ key: Range<Int>) -> String {
        let name = String(decoding: text[key], as: UTF8.self)
        return name.count > 40 ? name.prefix(39) + "…" : name
    }

    private var place: String {
        let before = scanner.bytes[..<position]
        let line = before.lastIndex { $0 == 0x0A || $0 == 0x0D }.map { $0 + 1 } ?? 0
        return "column \(String(decoding: before[line...], as: UTF8.self).unicodeScalars.count + 1)"
    }

    private func fault(_ message: String) -> Fault { Fault(message: message, offset: position) }

    private func expected(_ what: String) -> Fault {
        guard scanner.next != nil else {
            return Fault(
                message: "ends before its object does: \(what) is missing", offset: position, kind: .endsEarly)
        }
        return fault("is not JSON: at \(place) should stand \(what)")
    }
}
