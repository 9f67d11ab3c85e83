import FledgeCore
import FledgeDocument

/// How long the leak firewall takes for 100,000 rows, a hundredth of them planted near duplicates, and what it finds.
enum LeakScanSpeed {
    static let benchmark = Benchmark(name: "leak-scan") { quick in try run(quick ? 10_000 : 100_000) }

    private static func run(_ count: Int) throws -> [Figure] {
        let (rows, planted) = rows(count)
        let prompts = PromptOverlap([("plain", ["Name the team that handles this message: billing, bug or delivery."])])
        let split = SplitDefinition(prototype: count / 100, holdout: count / 2, seed: 7)
        let clock = ContinuousClock()
        let start = clock.now
        let scan = try LeakScan(rows, prompts: prompts)
        let outcome = try LeakFirewall.deal(rows, scan: scan, as: split, handling: .refuse)
        let duration = clock.now - start
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        let characters = rows.reduce(0) { $0 + ($1.inputs["text"]?.utf8.count ?? 0) }
        let settings =
            "\(count) rows of \(characters / count) characters, \(planted) planted pairs, \(scan.links.near.count) found, "
            + "\(outcome.leaks.total) of them across splits"
        return [
            Figure(
                bench: "leak-scan", figure: "time", value: seconds, unit: "s",
                goal: .atMost(Double(count) / 10_000), settings: settings),
            Figure(
                bench: "leak-scan", figure: "rows", value: Double(count) / seconds, unit: "rows/s", settings: settings),
            Figure(
                bench: "leak-scan", figure: "planted pairs found",
                value: Double(scan.links.near.count) / Double(planted),
                unit: "", goal: .atLeast(0.995), settings: settings),
        ]
    }

    private static func rows(_ count: Int) -> (rows: [DatasetSplitter.Row], planted: Int) {
        var random = SplitMix64(seed: 11)
        let vocabulary = (0..<8000).map { _ in
            String(
                (0..<Int(3 + random.next(below: 8))).map { _ in
                    Character(UnicodeScalar(UInt8(97 + random.next(below: 26))))
                })
        }
        var texts: [String] = []
        var planted = 0
        while texts.count < count {
            let words = (0..<Int(10 + random.next(below: 15))).map { _ in
                vocabulary[Int(random.next(below: UInt64(vocabulary.count)))]
            }
            texts.append(words.joined(separator: " "))
            if texts.count.isMultiple(of: 100) && texts.count < count {
                // A word more at the end leaves every shingle of the rest as it was: a similarity of 0.9 or more.
                texts.append((texts.last ?? "") + " again")
                planted += 1
            }
        }
        let rows = texts.enumerated().map {
            DatasetSplitter.Row(row: $0 + 1, group: nil, inputs: ["text": $1], expected: "team \($0 % 3)")
        }
        return (rows, planted)
    }
}
