import FledgeCore
import Testing

@Suite("Fair shares and turns")
struct FairShareTests {
    /// Daemons that come, want, ask and die in an order that a seed decides.
    private struct Fleet {
        var limit: Int
        var daemons: [String: FairShare.Holder] = [:]

        mutating func ask(_ name: String, wanting wanted: Int, inUse: Int) -> Int {
            let others = daemons.values.filter { $0.name != name }.sorted { $0.name < $1.name }
            let places = FairShare.places(for: name, wanting: wanted, among: others, limit: limit)
            daemons[name] = FairShare.Holder(name: name, places: max(places, inUse), wanted: wanted)
            return places
        }

        var held: Int { daemons.values.reduce(0) { $0 + $1.places } }
    }

    @Test("whatever order daemons ask in, they never have more places together than there are", arguments: 0..<400)
    func neverMore(seed: Int) {
        var draws = StableHash.hash("fleet", seed: UInt64(seed))
        func draw(_ count: Int) -> Int {
            draws = StableHash.hash("next", seed: draws)
            return Int(draws % UInt64(count))
        }
        var fleet = Fleet(limit: 1 + draw(12))
        var inUse: [String: Int] = [:]
        var places: [String: Int] = [:]
        for _ in 0..<120 {
            let name = "daemon-\(draw(5))"
            switch draw(4) {
            case 0: inUse[name] = min(places[name] ?? 0, (inUse[name] ?? 0) + draw(4))
            case 1: inUse[name] = max(0, (inUse[name] ?? 0) - draw(4))
            case 2 where draw(8) == 0:
                fleet.daemons[name] = nil
                inUse[name] = nil
                places[name] = nil
            default:
                let used = inUse[name] ?? 0
                places[name] = fleet.ask(name, wanting: used + draw(9), inUse: used)
            }
            #expect(fleet.held <= fleet.limit)
            #expect(inUse.values.reduce(0, +) <= fleet.limit)
        }
    }

    @Test(
        "daemons that go on wanting settle at shares of which nobody could have more without taking from one with less")
    func settles() {
        var fleet = Fleet(limit: 10)
        #expect(fleet.ask("a", wanting: 10, inUse: 0) == 10)
        #expect(fleet.ask("b", wanting: 10, inUse: 0) == 0)
        #expect(fleet.ask("c", wanting: 2, inUse: 0) == 0)
        // What is in use stays counted until it comes back.
        #expect(fleet.ask("a", wanting: 10, inUse: 10) == 4 && fleet.held == 10)
        var inUse = ["a": 10, "b": 0, "c": 0]
        for _ in 0..<6 {
            for (name, wanted) in [("a", 10), ("b", 10), ("c", 2)] {
                inUse[name] = fleet.ask(name, wanting: wanted, inUse: min(inUse[name] ?? 0, 4))
            }
        }
        #expect(inUse == ["a": 4, "b": 4, "c": 2])
        #expect(fleet.ask("b", wanting: 0, inUse: 0) == 0 && fleet.ask("a", wanting: 10, inUse: 4) == 8)
    }

    @Test("max-min division gives nobody more than it wants, and hands out everything that is wanted")
    func shares() {
        func shares(_ wanted: [Int], _ limit: Int) -> [Int] {
            let holders = wanted.enumerated().map { FairShare.Holder(name: "\($0)", places: 0, wanted: $1) }
            let shares = FairShare.shares(holders, limit: limit)
            return wanted.indices.map { shares["\($0)"] ?? -1 }
        }
        #expect(shares([1, 5, 9], 9) == [1, 4, 4])
        #expect(shares([9, 9, 9], 2).reduce(0, +) == 2)
        #expect(shares([9, 9, 9], 8) == [3, 3, 2], "what does not divide goes to the first names, one to each")
        #expect(shares([2, 3], 100) == [2, 3])
        #expect(shares([0, 4], 3) == [0, 3])
        #expect(shares([], 3) == [])
    }

    @Test("a line of a million lets the first of another line wait for one of its own at most")
    func turns() {
        var queue = FairQueue<String, Int>()
        for number in 0..<1_000_000 { queue.add(number, for: "big") }
        #expect(queue.next() == 0)
        queue.add(-1, for: "small")
        queue.add(-2, for: "other")
        #expect([queue.next(), queue.next(), queue.next(), queue.next()] == [1, -1, -2, 2])
        queue.add(-3, for: "small")
        #expect([queue.next(), queue.next()] == [3, -3])
        #expect(queue.count == 999_996 && queue.keys == 1)
    }

    @Test("every element comes out once, and in the order of its own line", arguments: 0..<200)
    func complete(seed: Int) {
        var queue = FairQueue<Int, Int>()
        var draws = StableHash.hash("queue", seed: UInt64(seed))
        var added = [Int](repeating: 0, count: 4)
        var taken = added
        for _ in 0..<600 {
            draws = StableHash.hash("next", seed: draws)
            let line = Int(draws % 4)
            if draws / 4 % 5 < 3 {
                queue.add(line * 1000 + added[line], for: line)
                added[line] += 1
            } else if let element = queue.next() {
                #expect(element % 1000 == taken[element / 1000])
                taken[element / 1000] += 1
            }
        }
        while let element = queue.next() { taken[element / 1000] += 1 }
        #expect(taken == added && queue.isEmpty && queue.keys == 0)
    }
}
