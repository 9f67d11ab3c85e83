import FledgeDocument
import Testing

@testable import FledgeCore

@Suite("The leak firewall")
struct LeakFirewallTests {
    typealias Row = DatasetSplitter.Row

    /// 400 unlike rows, and where the seed deals them.
    private static func cleanRows(_ seed: UInt64) -> [Row] {
        var maker = MessageMaker(seed: seed)
        return (1...400).map { number in
            Row(
                row: number, group: "c-\(number % 130)", inputs: ["text": maker.message()],
                expected: number.isMultiple(of: 2) ? "billing" : "bug")
        }
    }

    private static let split = SplitDefinition(prototype: 60, holdout: 100, seed: 7)
    private static let noPrompts = PromptOverlap([])

    private static func findings(
        _ rows: [Row], _ splits: [DatasetSplit], prompts: PromptOverlap = noPrompts
    ) throws -> LeakFindings {
        try LeakScan(rows, prompts: prompts).findings(in: splits)
    }

    @Test("clean data has no leak", arguments: UInt64(0)..<4)
    func clean(seed: UInt64) throws {
        let rows = Self.cleanRows(seed)
        let overlap = PromptOverlap([
            ("plain", ["You sort support messages by the team that handles them. Answer with one word.", "Message: "])
        ])
        let scan = try LeakScan(rows, prompts: overlap)
        for handling in [LeakHandling.refuse, .moveToTraining, .drop] {
            let outcome = try LeakFirewall.deal(rows, scan: scan, as: Self.split, handling: handling)
            #expect(outcome.leaks.total == 0 && outcome.settled == [])
            #expect(outcome.splits == (try DatasetSplitter.split(rows, as: Self.split)))
        }
    }

    // MARK: Planted leaks

    @Test(
        "an exact duplicate in two splits is found, whatever it was dressed as",
        arguments: [
            "My card was charged twice!", "my  CARD was charged twice", "My card was charged twice?!",
            "Ｍy card was charged twice", "my card, was charged – twice",
        ])
    func exact(_ dressed: String) throws {
        var rows = Self.cleanRows(1)
        rows[3].inputs = ["text": "My card was charged twice."]
        rows[200].inputs = ["text": dressed]
        rows[3].expected = "billing"
        rows[200].expected = "billing"
        var splits = [DatasetSplit](repeating: .training, count: rows.count)
        splits[3] = .holdout
        splits[131] = .holdout
        let found = try Self.findings(rows.map(Self.ungrouped), splits)
        #expect(
            found.findings == [
                LeakFinding(kind: .exactDuplicate, row: 201, split: .training, otherRow: 4, otherSplit: .holdout)
            ])
    }

    @Test("punctuation that tells answers apart is content")
    func punctuationIsContent() throws {
        let rows = [("3 - 4", "-1"), ("3 / 4", "0.75"), ("3 - 4 ", "-1")].enumerated().map {
            Row(row: $0 + 1, group: nil, inputs: ["text": $1.0], expected: $1.1)
        }
        let found = try Self.findings(rows, [.holdout, .training, .training])
        #expect(found.findings.map(\.row) == [3])
    }

    @Test("the same input with another answer is still a duplicate")
    func conflict() throws {
        let rows = ["a", "b"].enumerated().map {
            Row(row: $0 + 1, group: nil, inputs: ["text": "the very same words"], expected: $1)
        }
        #expect(try Self.findings(rows, [.prototype, .training]).counts == [.exactDuplicate: 1])
    }

    @Test("a near duplicate in two splits is found, with its similarity")
    func near() throws {
        var rows = Self.cleanRows(2).map(Self.ungrouped)
        rows[10].inputs = [
            "text": "I have been charged twice for my subscription this month, please refund one of them"
        ]
        rows[11].inputs = [
            "text": "I have been charged twice for my subscriptoin this month, please refund one of them"
        ]
        var splits = [DatasetSplit](repeating: .training, count: rows.count)
        splits[10] = .prototype
        let found = try Self.findings(rows, splits).findings
        #expect(found.count == 1)
        #expect(found.first?.kind == .nearDuplicate && found.first?.row == 12 && found.first?.otherRow == 11)
        #expect((found.first?.similarity ?? 0) >= 0.8)
        splits[11] = .prototype
        #expect(try Self.findings(rows, splits).total == 0)
    }

    @Test("texts that differ in numbers alone are duplicates only where the numbers do not matter")
    func numbers() throws {
        func rows(_ answer: (Int) -> String) -> [Row] {
            (0..<10).map {
                Row(
                    row: $0 + 1, group: nil,
                    inputs: [
                        "text":
                            "the order that i made last week with the number \(4711 + $0) has not arrived yet at my home"
                    ],
                    expected: answer($0))
            }
        }
        let splits = (0..<10).map { $0 < 5 ? DatasetSplit.holdout : .training }
        #expect(try Self.findings(rows { $0.isMultiple(of: 2) ? "even" : "odd" }, splits).total == 0)
        #expect(try Self.findings(rows { _ in "delivery" }, splits).total > 0)
    }

    @Test("a group in two splits is found, though its name was written in two ways")
    func group() throws {
        var rows = Self.cleanRows(3).map(Self.ungrouped)
        rows[0].group = "Acme GmbH"
        rows[1].group = "acme  gmbh."
        rows[2].group = "acme inc"
        var splits = [DatasetSplit](repeating: .training, count: rows.count)
        splits[0] = .holdout
        splits[2] = .prototype
        #expect(
            try Self.findings(rows, splits).findings == [
                LeakFinding(kind: .sameGroup, row: 2, split: .training, otherRow: 1, otherSplit: .holdout)
            ])
    }

    @Test("text of a training or holdout row in a prompt or a demonstration is found")
    func prompt() throws {
        var rows = Self.cleanRows(4).map(Self.ungrouped)
        rows[0].inputs = ["text": "my parcel went to the wrong house and nobody there opens the door to me"]
        rows[1].inputs = ["text": "Where is invoice 7788?!"]
        rows[2].inputs = ["text": "the app closes whenever i open the settings page on my phone"]
        let overlap = PromptOverlap([
            ("plain", ["Sort messages.", "Message: "]),
            (
                "shown",
                [
                    "Example: went to the wrong house, and nobody there opens. Team: delivery",
                    "Example: where is invoice 7788? Team: billing",
                    "Example: The app closes whenever I open the settings page. Team: app",
                ]
            ),
        ])
        var splits = [DatasetSplit](repeating: .training, count: rows.count)
        splits[1] = .holdout
        splits[2] = .prototype
        let found = try Self.findings(rows, splits, prompts: overlap).findings
        #expect(found.map(\.row) == [1, 2] && found.allSatisfy { $0.kind == .prompt && $0.prompt == "shown" })
        #expect(found.map(\.split) == [.training, .holdout])
    }

    @Test("words that many rows begin with are no leak, and neither are a template's own")
    func promptBoilerplate() throws {
        let rows = (1...200).map { number in
            Row(
                row: number, group: nil,
                inputs: ["text": "this is a message to the support team of the shop about thing\(number)"],
                expected: "x")
        }
        let overlap = PromptOverlap(
            UseCaseDefinition(
                name: "x",
                promptPrototype: PromptPrototypeDefinition(prompts: [
                    PromptDefinition(
                        name: "p", system: "This is a message to the support team of the shop about", user: "{{text}}")
                ])))
        let training = [DatasetSplit](repeating: .training, count: rows.count)
        #expect(try Self.findings(rows, training, prompts: overlap).total == 0)
    }

    @Test("each row of four words that a long prompt holds is found", arguments: UInt64(0)..<3)
    func shortRows(seed: UInt64) throws {
        var maker = MessageMaker(seed: seed)
        let texts = (0..<150).map { _ in maker.message(words: 4...4) }
            .filter { $0.count >= PromptOverlap.fewestCharacters }
        let rows = texts.enumerated().map { Row(row: $0 + 1, group: nil, inputs: ["text": $1], expected: "x") }
        let overlap = PromptOverlap([("shown", [texts.joined(separator: ". ")])])
        let training = [DatasetSplit](repeating: .training, count: rows.count)
        let found = try Self.findings(rows, training, prompts: overlap).findings.filter { $0.kind == .prompt }
        #expect(rows.count > 100 && found.map(\.row) == rows.map(\.row))
    }

    // MARK: What is done about them

    @Test("what the splitter keeps together is one cluster, and so is what a link joins")
    func clusters() throws {
        var maker = MessageMaker(seed: 12)
        var rows = (1...5).map { Row(row: $0, group: nil, inputs: ["text": maker.message()], expected: "x") }
        rows[4].inputs = rows[3].inputs.mapValues { $0 + "!" }
        let scan = try LeakScan(rows, prompts: Self.noPrompts)
        for place in [0, 2] { rows[place].group = "g" }
        let clusters = scan.clusters(joining: try RowGroups(LabelledRows(rows)))
        #expect(clusters[0] == clusters[2] && clusters[3] == clusters[4] && Set(clusters).count == 3)
    }

    @Test("what was moved and what was left out is told in numbers, with the first ten rows of each")
    func summary() {
        func settled(_ rows: ClosedRange<Int>, to split: DatasetSplit?) -> [ResolvedLeak] {
            rows.map { ResolvedLeak(row: $0, from: .holdout, to: split, cause: nil) }
        }
        #expect(ResolvedLeak.summary(of: []) == "")
        #expect(
            ResolvedLeak.summary(of: settled(7...7, to: .training))
                == "1 row moved to training because of leaks: row 7")
        #expect(
            ResolvedLeak.summary(of: settled(1...10, to: nil))
                == "10 rows left out because of leaks: rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10")
        #expect(
            ResolvedLeak.summary(of: settled(20...20, to: nil) + settled(1...11, to: .training))
                == "11 rows moved to training because of leaks: rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …; "
                + "1 row left out because of leaks: row 20")
    }

    private static func ungrouped(_ row: Row) -> Row {
        var row = row
        row.group = nil
        return row
    }

    /// Clean rows with near duplicates and re-spelt groups planted all over.
    private static func leakyRows(_ seed: UInt64) -> [Row] {
        var maker = MessageMaker(seed: seed &+ 100)
        var rows = cleanRows(seed)
        for number in 0..<40 {
            let original = rows[number * 7]
            rows.append(
                Row(
                    row: rows.count + 1, group: number < 20 ? nil : "other \(number)",
                    inputs: original.inputs.mapValues {
                        number.isMultiple(of: 2) ? $0 + "!" : maker.misspelt($0, changes: 1)
                    },
                    expected: original.expected))
        }
        rows[50].group = "C-51."
        return rows
    }

    @Test("refused data comes with all of its leaks, and nothing is moved", arguments: UInt64(0)..<5)
    func refused(seed: UInt64) throws {
        let rows = Self.leakyRows(seed)
        let outcome = try LeakFirewall.deal(
            rows, scan: try LeakScan(rows, prompts: Self.noPrompts), as: Self.split, handling: .refuse)
        #expect(outcome.leaks.total > 5 && outcome.settled == [])
        #expect(outcome.leaks.total == outcome.leaks.findings.count)
    }

    @Test(
        "moving and dropping leave no leak, fill the splits, keep groups whole and account for every row",
        arguments: [LeakHandling.moveToTraining, .drop], UInt64(0)..<4)
    func settled(_ handling: LeakHandling, seed: UInt64) throws {
        let rows = Self.leakyRows(seed)
        let overlap = PromptOverlap([("shown", [rows[5].inputs["text"] ?? "", rows[150].inputs["text"] ?? ""])])
        let outcome = try LeakFirewall.deal(
            rows, scan: try LeakScan(rows, prompts: overlap), as: Self.split, handling: handling)
        #expect(outcome.leaks.total == 0, "\(outcome.leaks.findings)")
        #expect(!outcome.settled.isEmpty)
        #expect(outcome.splits.count { $0 == .holdout } >= 100 && outcome.splits.count { $0 == .prototype } >= 60)
        let kept = rows.indices.filter { outcome.splits[$0] != nil }
        let again = try LeakScan(kept.map { rows[$0] }, prompts: Self.noPrompts)
        #expect(again.findings(in: kept.map { outcome.splits[$0] }).total == 0)
        var splitsOfGroup: [String: Set<DatasetSplit>] = [:]
        for place in kept {
            guard let group = rows[place].group, let split = outcome.splits[place] else { continue }
            splitsOfGroup[group, default: []].insert(split)
        }
        #expect(splitsOfGroup.values.allSatisfy { $0.count == 1 })
        let byRow = Dictionary(uniqueKeysWithValues: outcome.settled.map { ($0.row, $0) })
        for place in rows.indices {
            if outcome.splits[place] == nil { #expect(byRow[rows[place].row]?.to == .some(nil)) }
            if let settled = byRow[rows[place].row] { #expect(outcome.splits[place] == settled.to) }
        }
        // A row that is moved says what it leaks to, on whichever side of the leak it was.
        #expect(outcome.settled.contains { $0.cause?.otherRow != nil })
        #expect(handling == .drop || outcome.splits.allSatisfy { $0 != nil })
        #expect(handling == .moveToTraining || outcome.settled.allSatisfy { $0.cause != nil && $0.to == nil })
    }

    @Test("dropping never takes a holdout row for another row's sake")
    func dropsTheLower() throws {
        let rows = Self.leakyRows(2)
        let outcome = try LeakFirewall.deal(
            rows, scan: try LeakScan(rows, prompts: Self.noPrompts), as: Self.split, handling: .drop)
        #expect(outcome.settled.allSatisfy { $0.from != .holdout })
    }

    @Test("when leaks leave too few rows, the error says that they do")
    func tooFew() throws {
        var maker = MessageMaker(seed: 4)
        let rows = (1...100).map { number in
            let text =
                number <= 20 ? maker.message() : "please reset the password of my account for the shop, \(number)"
            return Row(row: number, group: nil, inputs: ["text": text], expected: "x")
        }
        let error = #expect(throws: FledgeError.self) {
            try LeakFirewall.deal(
                rows, scan: try LeakScan(rows, prompts: Self.noPrompts),
                as: SplitDefinition(prototype: 20, holdout: 20, seed: 1), handling: .moveToTraining)
        }
        #expect(error?.code == "data.too_few" && error?.message.contains("because of leaks") == true)
    }

    @Test("one row, and none, have no leak")
    func degenerate() throws {
        #expect(try Self.findings([], []).total == 0)
        #expect(try Self.findings([Self.cleanRows(0)[0]], [.holdout]).total == 0)
        #expect(try Self.findings([Row(row: 1, group: "", inputs: [:], expected: "x")], [.holdout]).total == 0)
    }
}
