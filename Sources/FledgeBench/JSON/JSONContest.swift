import FledgeCore

/// Two ways to the same end, in turns.
struct JSONContest: Sendable {
    let name: String
    let settings: String
    /// What comes of it has to be the same.
    let isSame: @Sendable () throws -> Bool
    /// Does it once. - Returns: some number that depends on what came of it, so that nothing is left out.
    let byHand: @Sendable () throws -> Int
    let foundation: @Sendable () throws -> Int

    var benchmark: Benchmark { Benchmark(name: name) { quick in try figures(quick: quick) } }

    private func figures(quick: Bool) throws -> [Figure] {
        guard try isSame() else {
            throw FledgeError("bench.lost", "\(name): the two ways do not come to the same")
        }
        let (turns, repeats) = quick ? (5, 500) : (21, 5000)
        var pairs: [(byHand: Double, foundation: Double)] = []
        // The first turn warms up.
        for turn in 0...turns {
            // Whoever begins takes turns, too.
            let isFirst = turn.isMultiple(of: 2)
            let early = try Self.microseconds(isFirst ? byHand : foundation, repeats)
            let late = try Self.microseconds(isFirst ? foundation : byHand, repeats)
            if turn > 0 { pairs.append(isFirst ? (early, late) : (late, early)) }
        }
        func figure(
            _ figure: String, _ unit: String, peer: String? = nil,
            _ value: ((byHand: Double, foundation: Double)) -> Double
        ) -> Figure {
            Figure(
                bench: name, figure: figure, value: pairs.map(value).sorted()[pairs.count / 2], unit: unit, peer: peer,
                settings: "\(settings); median of \(turns) turns with \(repeats) each")
        }
        return [
            figure("one of them", "µs") { $0.byHand },
            figure("one of them", "µs", peer: "Foundation") { $0.foundation },
            figure("ratio", "×") { $0.byHand / $0.foundation },
        ]
    }

    private static func microseconds(_ body: () throws -> Int, _ repeats: Int) throws -> Double {
        var sum = 0
        let start = ContinuousClock.now
        for _ in 0..<repeats { sum &+= try body() }
        let time = start.duration(to: .now) / .microseconds(1)
        guard sum != 0 else { throw FledgeError("bench.lost", "nothing came of it") }
        return time / Double(repeats)
    }
}
