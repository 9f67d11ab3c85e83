import FledgeCore
import FledgeDocument
import Foundation
import Testing

@Suite("What a worker has set aside")
struct PurseStateTests {
    private static let call = SpendAmount(calls: 1, tokens: 50, costMicroDollars: 700)

    @Test(
        "what is settled never leaves out what may have been paid, whatever order things happen in", arguments: 0..<300)
    func adds(seed: Int) {
        var draws = StableHash.hash("purse", seed: UInt64(seed))
        func draw(_ count: UInt64) -> UInt64 {
            draws = StableHash.hash("next", seed: draws)
            return draws % count
        }
        var purse = PurseState()
        var granted = SpendAmount.zero, paid = SpendAmount.zero, lost = SpendAmount.zero
        var open: [PurseState.Ticket] = []
        // What the database knows: the charge with the highest number of each reservation.
        var known: [Int64: PurseState.Charge] = [:]
        func write(_ charges: [PurseState.Charge]) {
            for charge in charges where (known[charge.reservation]?.number ?? 0) < charge.number {
                known[charge.reservation] = charge
            }
        }
        var late: [[PurseState.Charge]] = []
        for step in 0..<200 {
            switch draw(6) {
            case 0:
                let amount = Self.call * Int64(1 + draw(8))
                purse.add(amount, to: Int64(step / 60), of: 1)
                granted += amount
            case 1, 2: if let ticket = purse.take(Self.call) { open.append(ticket) }
            case 3 where !open.isEmpty:
                let ticket = open.remove(at: Int(draw(UInt64(open.count))))
                switch draw(3) {
                case 0: purse.finish(ticket, .refused)
                case 1:
                    purse.finish(ticket, .unknown)
                    lost += ticket.amount
                default:
                    let cost = SpendAmount(calls: 1, tokens: Int64(draw(50)), costMicroDollars: Int64(draw(700)))
                    purse.finish(ticket, .paid(cost))
                    paid += cost
                }
            case 4: late.append(purse.charges())
            default: late.isEmpty ? write(purse.charges()) : write(late.remove(at: Int(draw(UInt64(late.count)))))
            }
            if step == 150 { purse.letGo() }
            #expect(purse.outstanding >= Int64(open.count))
        }
        write(purse.close())
        for charges in late { write(charges) }
        func total(_ part: KeyPath<PurseState.Charge, SpendAmount>) -> SpendAmount {
            known.values.reduce(.zero) { $0 + $1[keyPath: part] }
        }
        // Calls that were under way at the end count as paid, and everything is let go of.
        let cutOff = open.reduce(SpendAmount.zero) { $0 + $1.amount }
        #expect(total(\.paid) == paid && total(\.presumed) == lost + cutOff && total(\.released) == granted)
    }

    @Test("an account has room for as many calls as fit under every one of its caps")
    func room() {
        func account(_ cap: SpendCap) -> SpendAccount {
            SpendAccount(
                period: .day, zone: "UTC", startsAt: .init(timeIntervalSince1970: 0),
                endsAt: .init(timeIntervalSince1970: 86_400), cap: cap, reserved: Self.call, settled: Self.call,
                presumed: Self.call)
        }
        let none = account(SpendCap(calls: nil, tokens: nil, costMicroDollars: nil))
        #expect(none.room(for: Self.call, atMost: 9) == 9)
        #expect(account(SpendCap(calls: 5, tokens: nil, costMicroDollars: nil)).room(for: Self.call, atMost: 9) == 2)
        #expect(account(SpendCap(calls: 9, tokens: 299, costMicroDollars: nil)).room(for: Self.call, atMost: 9) == 2)
        let full = account(SpendCap(calls: nil, tokens: nil, costMicroDollars: 2_000))
        #expect(full.room(for: Self.call, atMost: 9) == 0)
        let refusal = full.exhaustion(by: Self.call)
        #expect(refusal.message.contains("$0.0021 of $0.002") || refusal.message.contains("$0.0021 of $0.00"))
        #expect(refusal.message.contains("1970-01-02T00:00:00Z") && refusal.exitCode == .badData)
    }
}
