/// Text with `{{field}}` holes. Values are inserted as they are: a value that itself holds `{{…}}` is never expanded.
package struct PromptTemplate: Hashable, Sendable {
    private enum Piece: Hashable {
        case text(String)
        case field(String)
    }

    private let pieces: [Piece]

    package init(_ source: String) {
        var pieces: [Piece] = []
        var rest = Substring(source)
        while let open = rest.firstRange(of: "{{"), let close = rest[open.upperBound...].firstRange(of: "}}") {
            if open.lowerBound > rest.startIndex { pieces.append(.text(String(rest[..<open.lowerBound]))) }
            let name = rest[open.upperBound..<close.lowerBound]
            pieces.append(.field(String(name.trimming(while: \.isWhitespace))))
            rest = rest[close.upperBound...]
        }
        if !rest.isEmpty { pieces.append(.text(String(rest))) }
        self.pieces = pieces
    }

    /// The fields that the template asks for, in order of appearance, each once.
    package var fields: [String] {
        var seen: Set<String> = []
        return pieces.compactMap { piece in
            guard case .field(let name) = piece, seen.insert(name).inserted else { return nil }
            return name
        }
    }

    /// The text between the holes, in order.
    package var literals: [String] {
        pieces.compactMap { if case .text(let text) = $0 { text } else { nil } }
    }

    /// Text in which no hole is open but those for `fields`: what else would be one has single braces instead.
    ///
    /// For words that a model or a row of data brought along: a template is written by people alone.
    package static func closed(_ text: String, keeping fields: Set<String> = []) -> String {
        var result = ""
        var rest = Substring(text)
        // Each end is looked for once, however many holes are opened before it.
        var end: Range<Substring.Index>?
        var hasEnd = true
        let haveBraces = fields.contains { $0.contains("{") }
        while let open = rest.firstRange(of: "{{") {
            result += rest[..<open.lowerBound]
            let braces = rest[open.lowerBound...].prefix { $0 == "{" }
            let inside = rest[braces.endIndex...]
            if hasEnd, end.map({ $0.lowerBound < inside.startIndex }) ?? true {
                end = inside.firstRange(of: "}}")
                hasEnd = end != nil
            }
            let close = end
            let mayBeField = close.map { haveBraces || !inside[..<$0.lowerBound].contains("{") } ?? false
            let name =
                !mayBeField ? nil : close.map { String(inside[..<$0.lowerBound].trimming(while: \.isWhitespace)) }
            if let close, let name, braces.count == 2, fields.contains(name) {
                result += rest[open.lowerBound..<close.upperBound]
                rest = rest[close.upperBound...]
            } else {
                result += "{"
                rest = inside
                if let close, !inside[..<close.lowerBound].contains("{") {
                    result += inside[..<close.lowerBound] + "}"
                    rest = inside[close.upperBound...]
                }
            }
        }
        return result + rest
    }

    /// The text with every hole filled; a field without a value becomes empty (validation refuses such a definition).
    package func rendered(with values: [String: String]) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .field(let name): values[name] ?? ""
            }
        }.joined()
    }
}

extension Substring {
    fileprivate func trimming(while isTrimmed: (Character) -> Bool) -> Substring {
        var result = self.drop(while: isTrimmed)
        while let last = result.last, isTrimmed(last) { result = result.dropLast() }
        return result
    }
}
