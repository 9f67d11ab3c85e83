/// What a worker has set aside for its calls, and what became of it.
///
/// Amounts that go to the database are totals since the purse's beginning, under a rising number: a write that is
/// repeated, or overtaken by a later one, counts once.
package struct PurseState: Sendable {
    /// Where the amount of a call was taken from.
    package struct Ticket: Hashable, Sendable {
        fileprivate let reservation: Int64
        package let amount: SpendAmount
    }

    /// What happened to a reservation so far.
    package struct Charge: Hashable, Sendable {
        package var account: Int64
        package var reservation: Int64
        package var number: Int64
        /// No longer set aside, because the calls are over.
        package var released: SpendAmount
        package var paid: SpendAmount
        package var presumed: SpendAmount
    }

    package enum Outcome: Sendable {
        case paid(SpendAmount)
        /// The server said no: nothing was paid.
        case refused
        /// Nobody can say whether it was paid: it counts as if it had used all that it might.
        case unknown
    }

    private struct Pot: Sendable {
        var charge: Charge
        var granted: SpendAmount
        var taken = SpendAmount.zero
        var isNews = false
        var rest: SpendAmount { granted - taken }
    }

    private var pots: [Pot] = []
    /// Calls since the last charge.
    private var finished = 0

    package init() {}

    /// The reservation that further grants are added to.
    package var current: Int64? { pots.last?.charge.reservation }

    /// Calls that are under way.
    package var outstanding: Int64 { pots.reduce(0) { $0 + $1.taken.calls - $1.charge.released.calls } }

    package mutating func add(_ amount: SpendAmount, to reservation: Int64, of account: Int64) {
        if let index = pots.firstIndex(where: { $0.charge.reservation == reservation }) {
            pots[index].granted += amount
        } else {
            let charge = Charge(
                account: account, reservation: reservation, number: 0, released: .zero, paid: .zero, presumed: .zero)
            pots.append(Pot(charge: charge, granted: amount))
        }
    }

    /// Takes a call's amount; nil when not enough is set aside.
    package mutating func take(_ amount: SpendAmount) -> Ticket? {
        guard let index = pots.lastIndex(where: { $0.rest.covers(amount) }) else { return nil }
        pots[index].taken += amount
        return Ticket(reservation: pots[index].charge.reservation, amount: amount)
    }

    package mutating func finish(_ ticket: Ticket, _ outcome: Outcome) {
        guard let index = pots.firstIndex(where: { $0.charge.reservation == ticket.reservation }) else { return }
        pots[index].charge.released += ticket.amount
        switch outcome {
        case .paid(let amount): pots[index].charge.paid += amount
        case .refused: break
        case .unknown: pots[index].charge.presumed += ticket.amount
        }
        pots[index].isNews = true
        finished += 1
    }

    /// Lets go of what is set aside and not taken, for others that wait for it.
    package mutating func letGo() {
        for index in pots.indices where pots[index].rest != .zero {
            pots[index].charge.released += pots[index].rest
            pots[index].taken = pots[index].granted
            pots[index].isNews = true
        }
    }

    /// What is new since the last time.
    ///
    /// - Parameter calls: nothing where fewer calls than these are over since then.
    package mutating func charges(after calls: Int = 0) -> [Charge] {
        guard finished >= calls else { return [] }
        finished = 0
        return pots.indices.filter { pots[$0].isNews }.map { index in
            pots[index].isNews = false
            pots[index].charge.number += 1
            return pots[index].charge
        }
    }

    /// The last word on every reservation, whether or not an earlier one arrived; the purse is empty afterwards. A call that
    /// is still under way counts as paid.
    package mutating func close() -> [Charge] {
        defer { self = PurseState() }
        return pots.map { pot in
            var last = pot.charge
            last.number += 1
            last.presumed += pot.taken - last.released
            last.released = pot.granted
            return last
        }
    }
}
