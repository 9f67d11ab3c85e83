import FledgeCore
import FledgeDocument
import FledgeTestKit
import Foundation
import ManagedProcess

/// What it takes to read and check a data file of 200,000 rows, beside Python's `csv`, which reads it and keeps nothing.
///
/// Fledge and Python take turns, each in a process of its own that measures itself, so that starting up does not count.
/// What is measured of Fledge is all of `DatasetReader` (encoding, digest, grammar, a check of each row, and the rows), and
/// all of `DefinitionIntake`, which `fledge check` is: labels, leaks, near duplicates, personal data and splits, too.
enum ReadingSpeed {
    static let benchmark = Benchmark(name: "reading") { quick in
        try await run(rows: quick ? 50_000 : fullSize, rounds: quick ? 3 : 7)
    }

    /// The goals of the whole check are set at this many rows.
    private static let fullSize = 200_000

    private static let python = """
        import csv, json, sys, time
        kind, path = sys.argv[1:]
        seconds, cpu = time.perf_counter(), time.process_time()
        with open(path, newline="", encoding="utf-8") as file:
            rows = -1 + sum(1 for _ in csv.reader(file)) if kind == "csv" else sum(1 for line in file if json.loads(line))
        print(json.dumps({"seconds": time.perf_counter() - seconds, "cpuSeconds": time.process_time() - cpu,
                          "peakBytes": 0, "rows": rows}))
        """

    private static func run(rows: Int, rounds: Int) async throws -> [Figure] {
        try await TemporaryDirectory.with { directory in
            let files = [directory + "/data.csv", directory + "/data.jsonl"]
            let sizes = try write(rows, csv: files[0], lines: files[1])
            var fledge: [[ReadFile.Cost]] = [[], []]
            var peer: [[ReadFile.Cost]] = [[], []]
            var whole: [ReadFile.Cost] = []
            for round in 0..<rounds {
                for (place, file) in files.enumerated() {
                    fledge[place].append(try await cost("/proc/self/exe", ["read-file", file], rows: rows))
                    peer[place].append(
                        try await cost("python3", ["-c", python, place == 0 ? "csv" : "json", file], rows: rows))
                }
                whole.append(try await cost("/proc/self/exe", ["read-file", files[0], "--whole"], rows: rows))
                Progress.say("reading: round \(round + 1) of \(rounds)")
            }
            return figures(fledge: fledge, peer: peer, whole: whole, sizes: sizes, rows: rows)
        }
    }

    /// Runs one contestant, which measures itself.
    private static func cost(_ program: String, _ arguments: [String], rows: Int) async throws -> ReadFile.Cost {
        let program =
            program.hasPrefix("/proc") ? try FileManager.default.destinationOfSymbolicLink(atPath: program) : program
        let result = try await Command(program, arguments).run(timeout: .seconds(600))
        guard result.exit.isSuccess,
            let cost = try? JSONDecoder().decode(ReadFile.Cost.self, from: Data(result.output.utf8)), cost.rows == rows
        else {
            throw FledgeError(
                "bench.reader_failed", "\(program) ended with \(result.exit): \(result.output) \(result.errorOutput)")
        }
        return cost
    }

    private static func figures(
        fledge: [[ReadFile.Cost]], peer: [[ReadFile.Cost]], whole: [ReadFile.Cost], sizes: [Int], rows: Int
    ) -> [Figure] {
        let settings =
            "\(rows) rows of \(sizes[0] / rows) bytes as CSV, \(sizes[1] / rows) as JSON Lines; the median of "
            + "\(fledge[0].count) runs in turns; memory above that before reading, the largest of the runs; the whole "
            + "check searches for near duplicates, text in a prompt and personal data, and deals the splits"
        var figures: [Figure] = []
        func add(_ figure: String, _ value: Double, _ unit: String, goal: Bound? = nil, peer: String? = nil) {
            figures.append(
                Figure(
                    bench: "reading", figure: figure, value: value, unit: unit, goal: goal, peer: peer,
                    settings: settings))
        }
        for (place, kind) in ["CSV", "JSON Lines"].enumerated() {
            let peerName = place == 0 ? "python csv" : "python json"
            add("\(kind), time", median(fledge[place].map(\.seconds)), "s")
            add("\(kind), time", median(peer[place].map(\.seconds)), "s", peer: peerName)
            add("\(kind), CPU", median(fledge[place].map(\.cpuSeconds)), "s")
            add("\(kind), CPU", median(peer[place].map(\.cpuSeconds)), "s", peer: peerName)
            // Of each round, so that what else the machine does meets both.
            let ratios = zip(fledge[place], peer[0]).map { $0.seconds / $1.seconds }
            add("\(kind), time against python csv", median(ratios), "", goal: .atMost(5))
            let peak = fledge[place].map { Double($0.peakBytes) }.max() ?? 0
            add("\(kind), memory against the file", peak / Double(sizes[place]), "", goal: .atMost(4))
        }
        add("CSV, whole check, time", median(whole.map(\.seconds)), "s")
        add("CSV, whole check, CPU", median(whole.map(\.cpuSeconds)), "s")
        let ratios = zip(whole, peer[0]).map { $0.seconds / $1.seconds }
        let isFull = rows == fullSize
        add("CSV, whole check, time against python csv", median(ratios), "", goal: isFull ? .atMost(5) : nil)
        let peak = whole.map { Double($0.peakBytes) }.max() ?? 0
        add("CSV, whole check, memory against the file", peak / Double(sizes[0]), "", goal: isFull ? .atMost(4) : nil)
        return figures
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
    }

    /// The same rows in both formats; each tenth text holds commas and quotes.
    private static func write(_ count: Int, csv: String, lines: String) throws -> [Int] {
        var random = SplitMix64(seed: 3)
        let vocabulary = (0..<8000).map { _ in
            String(
                (0..<Int(3 + random.next(below: 8))).map { _ in
                    Character(UnicodeScalar(UInt8(97 + random.next(below: 26))))
                })
        }
        var table = "text,label,customer\n"
        var objects = ""
        for row in 0..<count {
            let words = (0..<Int(10 + random.next(below: 15))).map { _ in
                vocabulary[Int(random.next(below: UInt64(vocabulary.count)))]
            }
            let isQuoted = row.isMultiple(of: 10)
            let text = isQuoted ? words.joined(separator: ", ") + " \"again\"" : words.joined(separator: " ")
            let doubled = isQuoted ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
            let label = ["billing", "bug", "access"][Int(random.next(below: 3))]
            table += "\(doubled),\(label),c-\(row)\n"
            objects +=
                "{\"text\": \"\(text.replacing("\"", with: "\\\""))\", \"label\": \"\(label)\", \"customer\": \(row)}\n"
        }
        try Data(table.utf8).write(to: URL(filePath: csv))
        try Data(objects.utf8).write(to: URL(filePath: lines))
        return [table.utf8.count, objects.utf8.count]
    }
}
