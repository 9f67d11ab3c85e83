import FledgeCore
import FledgeDocument
import Testing

@Suite("Preferences of rows")
struct PreferenceTests {
    typealias Row = DatasetSplitter.Row

    @Test("come back from their columns, and decide nothing about groups")
    func columns() throws {
        let pair = Preference(chosen: "é😀", rejected: "")
        let rows = [
            Row(row: 1, group: nil, inputs: ["text": "a"], expected: "x", preference: pair),
            Row(row: 2, group: nil, inputs: ["text": "A"], expected: "x"),
            Row(row: 3, group: nil, inputs: ["text": "b"], expected: "x", preference: pair),
        ]
        let columns = LabelledRows(rows)
        #expect((0..<columns.count).map { columns[$0] } == rows)
        #expect(LabelledRows([rows[1]]).preference(of: 0) == nil)
        let groups = try DatasetSplitter.groups(of: rows)
        #expect(groups[0] == groups[1] && groups[0] != groups[2])
    }

    private static func example(_ row: Int, _ chosen: String, _ rejected: String) -> Example {
        Example(
            id: ExampleID(Int64(row)), row: row, split: .training, group: "\(row)", inputs: ["text": "nothing"],
            expected: "x", preference: Preference(chosen: chosen, rejected: rejected))
    }

    private static let examples = [
        example(1, "mail jane@example.org", "call +49 30 1234567"), example(2, "ask a@b.org", "ask c@d.org"),
        example(3, "yes", "no"),
    ]

    private static func policy(_ personal: PersonalDataDefinition?) -> PersonalDataPolicy {
        PersonalDataPolicy(
            DatasetDefinition(
                path: "d.jsonl", inputs: ["text"], expected: "label",
                preferences: PreferencesDefinition(chosen: "better", rejected: "worse"), personalData: personal))
    }

    @Test("come under the rules for personal data with both texts; a pair that masking makes equal is left out")
    func personal() throws {
        let error = #expect(throws: FledgeError.self) { try Self.policy(nil).cleared(Self.examples) }
        #expect(error?.code == "training.personal_data")
        #expect(error?.message.contains("3 e-mail addresses in 2 rows, 1 phone number in 1 row") == true)
        let accepting = Self.policy(.init(mask: false, accept: [.email, .phone]))
        #expect(try accepting.cleared(Self.examples) == Self.examples)
        let masked = try Self.policy(.init(mask: true)).cleared(Self.examples)
        #expect(
            masked.map(\.preference) == [
                Preference(chosen: "mail <email>", rejected: "call <phone>"), nil,
                Preference(chosen: "yes", rejected: "no"),
            ])
    }

    @Test(
        "are looked through once where a field is an input or the expected answer too",
        arguments: [("better", ["label", "better"]), ("label", ["label"]), ("text", ["label"])])
    func fields(_ chosen: String, _ expected: [String]) {
        let row = Row(
            row: 1, group: nil, inputs: ["text": "nothing"], expected: "a@b.org",
            preference: Preference(chosen: "a@b.org", rejected: "no"))
        let fields = AnswerFields(
            expected: "label", preferences: PreferencesDefinition(chosen: chosen, rejected: "worse"))
        var byRow = PersonalDataFindings()
        byRow.add(row, split: .training, fields: fields)
        var byPlace = PersonalDataFindings()
        byPlace.add(LabelledRows([row]), 0, split: .training, fields: fields)
        #expect(byRow.findings.map(\.field) == expected && byRow == byPlace)
    }
}
