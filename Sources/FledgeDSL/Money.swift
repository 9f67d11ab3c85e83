/// An amount in US dollars, kept in whole micro-dollars.
public struct Money: Hashable, Sendable {
    /// The amount in millionths of a dollar.
    public let microDollars: Int64

    /// An amount in dollars.
    ///
    /// - Parameter amount: rounded to the nearest micro-dollar; -1 micro-dollar, which `fledge check` refuses, where
    ///   it is 9 × 10¹⁵ micro-dollars or more.
    public static func dollars(_ amount: Double) -> Money { Money(amount * 1_000_000) }

    /// An amount in cents.
    ///
    /// - Parameter amount: rounded to the nearest micro-dollar; -1 micro-dollar, which `fledge check` refuses, where
    ///   it is 9 × 10¹⁵ micro-dollars or more.
    public static func cents(_ amount: Double) -> Money { Money(amount * 10_000) }

    /// An amount that doesn't fit becomes -1, which validation refuses with its line; trapping would show none.
    private init(_ amount: Double) {
        microDollars = abs(amount) < 9e15 ? Int64(amount + (amount < 0 ? -0.5 : 0.5)) : -1
    }
}
