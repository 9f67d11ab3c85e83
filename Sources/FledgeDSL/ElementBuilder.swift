@_exported import FledgeDocument

/// What every block's result builder shares: a block is the list of its elements, in the order they are written.
public protocol ElementBuilder {}

extension ElementBuilder {
    public static func buildBlock<Element>(_ parts: [Element]...) -> [Element] {
        parts.flatMap { $0 }
    }

    public static func buildOptional<Element>(_ part: [Element]?) -> [Element] { part ?? [] }

    public static func buildEither<Element>(first part: [Element]) -> [Element] { part }

    public static func buildEither<Element>(second part: [Element]) -> [Element] { part }

    public static func buildArray<Element>(_ parts: [[Element]]) -> [Element] { parts.flatMap { $0 } }
}
