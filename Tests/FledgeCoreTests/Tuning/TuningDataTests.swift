import FledgeCore
import FledgeDocument
import Testing

@Suite struct TuningDataTests {
    private static func examples(_ count: Int, groupSize: Int = 3) -> [Example] {
        (1...count).map {
            Example(
                id: ExampleID(Int64($0)), row: $0, split: .training, group: "group \($0 / groupSize)",
                inputs: ["text": "row \($0)"], expected: "yes")
        }
    }

    private static let setting = TrialSetting(LoRADefinition())

    private static func run(fold: Int? = nil, rows: Int) -> TrialRun {
        TrialRun(trial: 1, setting: setting, rung: 0, fold: fold, seed: 1, rows: rows, limitSeconds: 60)
    }

    @Test("fewer than 500 examples are cross-validated: every example is asked once, and never learnt from then")
    func crossValidation() throws {
        let examples = Self.examples(200)
        let data = try TuningData(sweep: SweepDefinition(), examples: examples)
        guard case .folds(let sizes) = data.resource else {
            Issue.record("\(data.resource)")
            return
        }
        #expect(sizes.count == 5)
        var asked: [Example] = []
        for fold in sizes.indices {
            let run = Self.run(fold: fold, rows: 200 - sizes[fold])
            asked += data.asked(of: run)
            let learnt = data.learnt(by: run)
            #expect(learnt.count == run.rows)
            #expect(Set(learnt.map(\.group)).isDisjoint(with: data.asked(of: run).map(\.group)))
        }
        #expect(asked.map(\.row).sorted() == Array(1...200))
    }

    @Test("from 500 examples on, one part is held back, and larger shares hold the smaller ones")
    func heldBack() throws {
        let data = try TuningData(sweep: SweepDefinition(), examples: Self.examples(600))
        guard case .share(let full) = data.resource else {
            Issue.record("\(data.resource)")
            return
        }
        let asked = data.asked(of: Self.run(rows: full))
        #expect(asked.count + full == 600)
        #expect((118...120).contains(asked.count))
        let all = data.learnt(by: Self.run(rows: full))
        #expect(Set(all.map(\.group)).isDisjoint(with: asked.map(\.group)))
        #expect(data.learnt(by: Self.run(rows: 100)) == Array(all.prefix(100)))
        #expect(data.asked(of: Self.run(rows: 100)) == asked)
    }

    @Test("a pilot asks what its largest size leaves over")
    func pilot() throws {
        let data = try TuningData(pilot: PilotDefinition(sizes: [50, 100]), examples: Self.examples(150), seed: 1)
        let run = Self.run(rows: 100)
        #expect(data.learnt(by: run).count == 100)
        #expect((48...50).contains(data.asked(of: run).count))
        #expect(Set(data.learnt(by: run).map(\.group)).isDisjoint(with: data.asked(of: run).map(\.group)))
    }

    @Test("data that cannot be parted is refused with what to do")
    func refused() {
        #expect(throws: FledgeError.self) {
            try TuningData(sweep: SweepDefinition(), examples: Self.examples(100, groupSize: 1000))
        }
        #expect(throws: FledgeError.self) {
            try TuningData(pilot: PilotDefinition(sizes: [50, 100]), examples: Self.examples(110), seed: 1)
        }
    }
}
