import FledgeCore
import Testing

@Suite("Turns at places")
struct PlaceTurnTests {
    private static func waiter(_ name: String, has places: Int, since turn: Double) -> PlaceTurn.Waiter {
        PlaceTurn.Waiter(name: name, places: places, turn: turn)
    }

    private static let waiters = [
        waiter("sweep", has: 2, since: 10), waiter("old", has: 0, since: 30), waiter("new", has: 0, since: 40),
        waiter("one", has: 1, since: 5), waiter("newer", has: 0, since: 40),
    ]

    @Test(
        "who has fewer places goes first, then who waits for longest",
        arguments: [
            (0, []), (1, ["old"]), (2, ["old", "new"]), (3, ["old", "new", "newer"]),
            (4, ["old", "new", "newer", "one"]), (5, ["old", "new", "newer", "one", "sweep"]),
            (9, ["old", "new", "newer", "one", "sweep"]), (-1, []),
        ] as [(Int, [String])])
    func order(free: Int, next: [String]) {
        let found = Self.waiters.map(\.name).filter { PlaceTurn.has($0, among: Self.waiters, free: free) }
        #expect(Set(found) == Set(next))
    }

    @Test("who does not wait has no turn")
    func nobody() { #expect(!PlaceTurn.has("else", among: Self.waiters, free: 9)) }

    @Test("whoever has no place is overtaken by each of the others once at most", arguments: 1...4)
    func overtaken(places: Int) {
        for seed in 0..<100 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            func draw(_ items: [Int]) -> Int { items[Int(random.nextUnit() * Double(items.count))] }
            var held = [Int](repeating: 0, count: 6)
            var turns = held.map { _ in random.nextUnit() }
            var overtaken = held
            for round in 0..<200 {
                let free = places - held.reduce(0, +)
                let waiters = held.indices.map { Self.waiter("\($0)", has: held[$0], since: turns[$0]) }
                let next = held.indices.filter { PlaceTurn.has("\($0)", among: waiters, free: free) }
                #expect(next.count == free)
                if free > 0 {
                    // One of those whose turn it is comes to ask, and wants a further place from then on.
                    let user = draw(next)
                    #expect(held[user] == 0)
                    held[user] += 1
                    turns[user] = Double(1 + round)
                    for other in held.indices where held[other] == 0 { overtaken[other] += 1 }
                    overtaken[user] = 0
                } else {
                    held[draw(held.indices.filter { held[$0] > 0 })] -= 1
                }
                #expect(overtaken.allSatisfy { $0 < held.count })
            }
        }
    }
}
