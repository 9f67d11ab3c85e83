/// Conversions and sums that end at the type's bounds instead of ending the process, for numbers from outside.
extension FixedWidthInteger {
    /// The whole part, or the nearest bound. What is no number becomes 0: who must tell it apart asks `isNaN` first.
    package init(saturating value: Double) {
        guard !value.isNaN else {
            self = 0
            return
        }
        self = Self(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : .max)
    }

    package func saturatingSum(_ other: Self) -> Self {
        let (sum, isOver) = addingReportingOverflow(other)
        guard isOver else { return sum }
        return other < 0 ? .min : .max
    }

    package func saturatingSum(_ other: Self, times factor: Self) -> Self {
        saturatingSum(other.saturatingProduct(factor))
    }

    package func saturatingDifference(_ other: Self) -> Self {
        let (difference, isOver) = subtractingReportingOverflow(other)
        guard isOver else { return difference }
        return other < 0 ? .max : .min
    }

    package func saturatingProduct(_ other: Self) -> Self {
        let (product, isOver) = multipliedReportingOverflow(by: other)
        guard isOver else { return product }
        return (self < 0) == (other < 0) ? .max : .min
    }
}
