import FledgeDocument

/// What a number may be.
package struct NumberRange: Hashable, Sendable {
    package var lower: Double
    package var upper: Double
    /// Whether the number has to lie above `lower`, and not on it.
    package var isAboveLower = false
    /// Whether it has to lie below `upper`, and not on it.
    package var isBelowUpper = false

    package init(_ range: ClosedRange<Double>) {
        lower = range.lowerBound
        upper = range.upperBound
    }

    package static func above(_ lower: Double, upTo upper: Double) -> NumberRange {
        var range = NumberRange(lower...upper)
        range.isAboveLower = true
        return range
    }

    package static func above(_ lower: Double, below upper: Double) -> NumberRange {
        var range = above(lower, upTo: upper)
        range.isBelowUpper = true
        return range
    }

    package static func from(_ lower: Double, below upper: Double) -> NumberRange {
        var range = NumberRange(lower...upper)
        range.isBelowUpper = true
        return range
    }

    /// False for what is no number.
    package func contains(_ value: Double) -> Bool {
        (isAboveLower ? value > lower : value >= lower) && (isBelowUpper ? value < upper : value <= upper)
    }

    /// `1 to 512`, `above 0 and below 1`.
    package var words: String {
        let (low, high) = (Self.text(lower), Self.text(upper))
        return switch (isAboveLower, isBelowUpper) {
        case (false, false): "\(low) to \(high)"
        case (true, false): "above \(low), up to \(high)"
        case (false, true): "\(low) and more, below \(high)"
        case (true, true): "above \(low) and below \(high)"
        }
    }

    private static func text(_ value: Double) -> String { CanonicalJSON.double(value).text }
}
