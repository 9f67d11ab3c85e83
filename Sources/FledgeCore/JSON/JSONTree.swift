/// A JSON value with all that is nested in it, as one of the readers keeps it.
package protocol JSONTree {
    /// An object; a key may stand in it more than once.
    static func members(_ members: [(key: String, value: Self)]) -> Self
    static func array(_ elements: [Self]) -> Self
    static func text(_ text: String) -> Self
    /// Reads what is none of these: a number or a word.
    static func plain(_ scanner: inout JSONScanner) -> Self?
}

extension JSONScanner {
    /// Deeper nesting is refused, so that nothing overflows the stack.
    private static let maximumDepth = 128

    /// Reads the value that comes next, behind white space; nil where there is none.
    package mutating func tree<Tree: JSONTree>(of kind: Tree.Type = Tree.self, depth: Int = 0) -> Tree? {
        skipSpace()
        switch next {
        case UInt8(ascii: "\""): return (try? text()).map(Tree.text)
        case UInt8(ascii: "{") where depth < Self.maximumDepth:
            return list(until: "}") { scanner -> (key: String, value: Tree)? in
                scanner.skipSpace()
                guard scanner.next == UInt8(ascii: "\""), let key = try? scanner.text(), scanner.takeNext(":") else {
                    return nil
                }
                return scanner.tree(depth: depth + 1).map { (key, $0) }
            }.map(Tree.members)
        case UInt8(ascii: "[") where depth < Self.maximumDepth:
            return list(until: "]") { $0.tree(depth: depth + 1) }.map(Tree.array)
        default: return .plain(&self)
        }
    }

    /// Reads on from a bracket, to the one that closes it.
    private mutating func list<Element>(
        until close: Unicode.Scalar, _ element: (inout JSONScanner) -> Element?
    ) -> [Element]? {
        place += 1
        var elements: [Element] = []
        if takeNext(close) { return elements }
        repeat {
            guard let next = element(&self) else { return nil }
            elements.append(next)
        } while takeNext(",")
        return takeNext(close) ? elements : nil
    }

    private mutating func takeNext(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        return take(character)
    }
}
