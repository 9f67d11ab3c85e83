@_exported import FledgeDocument

/// What every block's result builder shares: a block is the list of its elements, in the order they are written.
public protocol ElementBuilder {}

extension ElementBuilder {
    /// Joins the parts of a block.
    public static func buildBlock<Element>(_ parts: [Element]...) -> [Element] {
        parts.flatMap { $0 }
    }

    /// The parts of an `if` without `else`; none where its condition does not hold.
    public static func buildOptional<Element>(_ part: [Element]?) -> [Element] { part ?? [] }

    /// The parts of the branch that is taken.
    public static func buildEither<Element>(first part: [Element]) -> [Element] { part }

    /// The parts of the branch that is taken.
    public static func buildEither<Element>(second part: [Element]) -> [Element] { part }

    /// Joins the parts of every turn of a `for`.
    public static func buildArray<Element>(_ parts: [[Element]]) -> [Element] { parts.flatMap { $0 } }
}
