import FledgeCore
import FledgeDocument

/// What the data of a cycle looks like, from the rows that are stored.
struct StoredDataReport {
    let stores: any CycleStore
    let cycle: Cycle

    func report() async throws -> DataReport {
        var examples: [Example] = []
        for split in DatasetSplit.allCases { examples += try await stores.examples(of: cycle.snapshot, in: split) }
        examples.sort { $0.row < $1.row }
        let rows = examples.map {
            DatasetSplitter.Row(
                row: $0.row, group: $0.group, inputs: $0.inputs, expected: $0.expected, preference: $0.preference)
        }
        let definition = cycle.definition
        let splits = examples.map(\.split)
        let settled = try await stores.settledLeaks(of: cycle.snapshot)
        return try await LongComputation.run {
            try DataReport(
                name: definition.name, rows: rows, splits: splits,
                scan: try LeakScan(rows, prompts: PromptOverlap(definition)), settled: settled,
                fields: AnswerFields(definition.dataset), problems: [])
        }
    }
}
