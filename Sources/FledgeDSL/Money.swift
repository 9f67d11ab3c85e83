/// An amount in US dollars, kept in whole micro-dollars.
public struct Money: Hashable, Sendable {
    public let microDollars: Int64

    public static func dollars(_ amount: Double) -> Money { Money(amount * 1_000_000) }

    public static func cents(_ amount: Double) -> Money { Money(amount * 10_000) }

    /// An amount that doesn't fit becomes -1, which validation refuses with its line; trapping would show none.
    private init(_ amount: Double) {
        microDollars = abs(amount) < 9e15 ? Int64(amount + (amount < 0 ? -0.5 : 0.5)) : -1
    }
}
