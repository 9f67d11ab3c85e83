import FledgeCore
import FledgeDocument
import Synchronization
import Testing

@Suite("Cancellation of long computations") struct CancellationTests {
    /// Something that may take long, with the input that it works on.
    struct Computation: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let run: @Sendable () throws -> Void

        init(_ description: String, _ run: @escaping @Sendable () throws -> Void) {
            testDescription = description
            self.run = run
        }
    }

    /// How something ends in a task that was cancelled before.
    private static func cancelled(_ run: @escaping @Sendable () throws -> Void) async -> Result<Void, any Error> {
        await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return Result { try run() }
        }.value
    }

    private static let rows: [DatasetSplitter.Row] = (1...2_000).map {
        DatasetSplitter.Row(
            row: $0, group: "customer \($0 / 2)",
            inputs: ["text": "order \($0) came late, and nobody answers the phone"],
            expected: $0.isMultiple(of: 2) ? "delivery" : "billing")
    }
    private static let columns = LabelledRows(rows)
    private static let examples = rows.map {
        Example(
            id: ExampleID(Int64($0.row)), row: $0.row, split: .holdout, group: $0.group ?? "", inputs: $0.inputs,
            expected: $0.expected)
    }
    private static let split = SplitDefinition(prototype: 200, holdout: 200, seed: 1)
    private static let noPrompts = PromptOverlap([])

    private static func candidate(_ user: String) -> Candidate {
        Candidate(
            name: "plain", system: nil, user: user, demonstrations: [], model: "m", decoding: DecodingDefinition(),
            choices: nil)
    }

    private static func sample(_ example: Example) -> Sample {
        Sample(
            candidate: Digest(of: "c"), example: example.id, repeat: 0, output: "x", errorCode: nil,
            scores: ["accuracy": 1, "token-f1": 0.5, "primary": 1], promptTokens: 1, cachedTokens: 0,
            completionTokens: 1, latencyMicroseconds: 1, costMicroDollars: 0, fromCache: false)
    }

    static let computations: [Computation] = {
        let groups = try? RowGroups(columns)
        let scan = try? LeakScan(columns, prompts: noPrompts)
        let pattern = try? Pattern("(a+)+$")
        let longText = String(repeating: "late ", count: 40_000)
        let ids = (0..<50).map { Digest(of: "candidate \($0)") }
        let first = Dictionary(uniqueKeysWithValues: examples.map { ($0.id, 1.0) })
        let scores = Dictionary(uniqueKeysWithValues: ids.map { ($0, first) })
        return [
            Computation("groups of rows") { _ = try RowGroups(columns) },
            Computation("the search for leaks") { _ = try LeakScan(columns, prompts: noPrompts) },
            Computation("near duplicates") {
                _ = try NearDuplicates.find(in: TextColumn(rows.map { $0.inputs["text"] }), places: Array(0..<2_000))
            },
            Computation("dealing rows to splits") { _ = try DatasetSplitter.split(rows, as: split) },
            Computation("dealing rows until none leaks") {
                if let groups, let scan { _ = try LeakFirewall.deal(groups, scan: scan, as: split, handling: .drop) }
            },
            Computation("a report on rows") {
                guard let scan else { return }
                _ = try DataReport(
                    name: "support", rows: rows, splits: rows.map { _ in nil }, scan: scan, settled: [],
                    fields: AnswerFields(expected: "team"), problems: [])
            },
            Computation("the look for personal data") { _ = try PersonalDataPolicy(nil).cleared(examples) },
            Computation("slips in a long text") {
                _ = try PerturbedQuestion.withTypos(String(longText.prefix(12_000)))
            },
            Computation("the look for copies") {
                _ = try CopyCheck([candidate("order came late and nobody answers")], declared: [], examples: examples)
            },
            Computation("a race") {
                _ = try Race(candidates: ids, kept: [ids[0]], examples: examples.map(\.id)).standing(scores)
            },
            Computation("slices") {
                let measured = examples.map {
                    SliceEvaluator.Measured(
                        fields: ["text": $0.inputs["text"] ?? ""], group: $0.group, sample: sample($0), champion: nil)
                }
                _ = try SliceEvaluator(measured: measured, share: 1, primary: .accuracy).judge(
                    SlicesDefinition(fields: ["text"]),
                    criteria: [CriterionDefinition(metric: .tokenF1, bound: .atLeast(0.4))])
            },
            Computation("comparisons with the champion") {
                let pairs = examples.map {
                    ComparisonEvaluator.Pair(challenger: sample($0), champion: sample($0), group: $0.group)
                }
                _ = try ComparisonEvaluator(pairs: pairs, share: 1, primary: .tokenF1)
                    .judge([ComparisonDefinition(kind: .better, margin: 0.01)])
            },
            Computation("the search for a pattern") {
                _ = try pattern?.search(String(repeating: "a", count: 30) + "!", within: Pattern.Limit(steps: .max))
            },
            Computation("the score of an answer") {
                _ = try Scorer().score(.tokenF1, output: longText, expected: longText, choices: nil)
            },
            Computation("the digest of a file") { _ = try Digest(ofLong: Array(longText.utf8)) },
        ]
    }()

    @Test("what takes long gives no result once its task is cancelled", arguments: computations)
    func ends(_ computation: Computation) async throws {
        try computation.run()
        let result = await Self.cancelled(computation.run)
        #expect(throws: CancellationError.self) { try result.get() }
    }

    @Test("a point that is passed notices a cancellation within its steps", arguments: [1, 7, 1_000], [1, 10])
    func within(steps: Int, cost: Int) async {
        let passed = await Task { () -> Int in
            var point = CancellationPoint(every: steps)
            for _ in 0..<5 { try? point.pass(cost) }
            withUnsafeCurrentTask { $0?.cancel() }
            var passed = 0
            while passed <= steps, (try? point.pass(cost)) != nil { passed += 1 }
            return passed
        }.value
        #expect(passed * cost <= steps)
    }

    @Test("a point lets a task that goes on pass for ever")
    func goesOn() throws {
        var point = CancellationPoint(every: 3)
        for _ in 0..<1_000 { try point.pass(2) }
    }

    @Test("comparing texts ends within a few pairs of a cancellation")
    func pairs() async {
        var maker = MessageMaker(seed: 3)
        let messages = (0..<300).map { _ in maker.message() }
        let texts = TextColumn(messages + messages.map { $0 + " x" })
        let compared = Mutex(0)
        let result = await Task { () -> Result<NearDuplicates.Outcome, any Error> in
            Result {
                try NearDuplicates.find(in: texts, places: Array(0..<texts.count)) { _, _ in
                    compared.withLock { $0 += 1 }
                    withUnsafeCurrentTask { $0?.cancel() }
                    return false
                }
            }
        }.value
        #expect(throws: CancellationError.self) { try result.get() }
        #expect((1...64).contains(compared.withLock { $0 }))
    }

    @Test("backtracking ends within some ten thousand steps of a cancellation")
    func backtracking() async throws {
        let pattern = try Pattern("^(a+)+$")
        let asked = Mutex(0)
        // Asked every ten thousand steps; the pattern would take longer than anybody lives.
        let limit = Pattern.Limit(steps: .max) {
            let number = asked.withLock { asked in
                asked += 1
                return asked
            }
            if number == 5 { withUnsafeCurrentTask { $0?.cancel() } }
            return 0
        }
        let result = await Task {
            Result { try pattern.search(String(repeating: "a", count: 64) + "!", within: limit) }
        }.value
        #expect(throws: CancellationError.self) { try result.get() }
        #expect(asked.withLock { $0 } == 5)
    }

    @Test("a chain of evidence is looked through entry by entry, and can be left after each")
    func chain() {
        struct Enough: Error {}
        let entry = AuditEntry(
            useCase: 1, sequence: 1, kind: "sample", subject: "", change: "put", format: 1, leafCount: 1, digest: "d",
            historySequence: 0, historyHash: "h", isAdopted: false, atMicroseconds: 1, note: "",
            previousHash: AuditEntry.origin, hash: "")
        var first = entry
        first.hash = entry.computedHash
        var seen = 0
        let found = #expect(throws: Enough.self) {
            try AuditEntry.firstBroken(in: [first, first, first]) {
                seen += 1
                if seen == 2 { throw Enough() }
            }
        }
        #expect(found != nil && seen == 2)
    }
}
