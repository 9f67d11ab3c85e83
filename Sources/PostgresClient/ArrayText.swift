/// The text form of a one-dimensional array: `{"a","b",NULL}`.
enum ArrayText {
    private static let quote = UInt8(ascii: "\"")
    private static let backslash = UInt8(ascii: "\\")

    static func encode<Element: PostgresEncodable>(_ elements: [Element?], into text: inout [UInt8]) {
        text.append(UInt8(ascii: "{"))
        var element: [UInt8] = []
        for (index, value) in elements.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            guard let value else {
                text.append(contentsOf: "NULL".utf8)
                continue
            }
            element.removeAll(keepingCapacity: true)
            value.encode(into: &element)
            // Every element is quoted: numbers read the same, and the text NULL stays a text.
            text.append(quote)
            for byte in element {
                if byte == quote || byte == backslash { text.append(backslash) }
                text.append(byte)
            }
            text.append(quote)
        }
        text.append(UInt8(ascii: "}"))
    }

    /// The elements, or nil when the text is not an array of one dimension or an element does not decode.
    static func decode<Element: PostgresDecodable>(
        _ text: UnsafeBufferPointer<UInt8>, as: Element.Type
    ) -> [Element?]? {
        guard text.count >= 2, text[0] == UInt8(ascii: "{"), text[text.count - 1] == UInt8(ascii: "}") else {
            return nil
        }
        var elements: [Element?] = []
        if text.count == 2 { return elements }
        let end = text.count - 1
        var index = 1
        while true {
            guard let (raw, quoted) = element(text, &index, end: end) else { return nil }
            if !quoted, raw.elementsEqual("NULL".utf8) {
                elements.append(nil)
            } else if let value = raw.withUnsafeBufferPointer({ Element.decode($0) }) {
                elements.append(value)
            } else {
                return nil
            }
            if index == end { return elements }
            guard text[index] == UInt8(ascii: ",") else { return nil }
            index += 1
        }
    }

    private static func element(
        _ text: UnsafeBufferPointer<UInt8>, _ index: inout Int, end: Int
    ) -> (raw: [UInt8], quoted: Bool)? {
        var raw: [UInt8] = []
        guard index < end else { return nil }
        guard text[index] == quote else {
            while index < end, text[index] != UInt8(ascii: ",") {
                if text[index] == UInt8(ascii: "{") { return nil }
                raw.append(text[index])
                index += 1
            }
            return (raw, false)
        }
        index += 1
        while index < end, text[index] != quote {
            if text[index] == backslash { index += 1 }
            guard index < end else { return nil }
            raw.append(text[index])
            index += 1
        }
        guard index < end else { return nil }
        index += 1
        return (raw, true)
    }
}
