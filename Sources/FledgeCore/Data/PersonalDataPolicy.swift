import FledgeDocument

/// What may leave the database for a trainer or an export.
package struct PersonalDataPolicy: Sendable {
    private let definition: PersonalDataDefinition?
    private let expectedField: String

    package init(_ dataset: DatasetDefinition?) {
        definition = dataset?.personalData
        expectedField = dataset?.expected ?? "expected"
    }

    /// The examples as a trainer may have them: with placeholders where the definition masks.
    ///
    /// Without a word in the definition, examples that hold personal data are not given out at all.
    /// - Throws: `FledgeError` with code `training.personal_data` (exit 65), which names the kinds, how many, and the
    ///   two ways out.
    package func cleared(_ examples: [Example]) throws(FledgeError) -> [Example] {
        if definition?.mask == true { return examples.map(masked) }
        var findings = PersonalDataFindings()
        for example in examples {
            findings.add(
                row: example.row, split: example.split, inputs: example.inputs, expected: example.expected,
                expectedField: expectedField)
        }
        let refused = findings.without(definition?.accept ?? [])
        if refused.findings.isEmpty { return examples }
        throw FledgeError(
            "training.personal_data",
            "the examples to train on hold \(refused.summary); \(Self.waysOut(of: refused)), and apply the definition",
            hint: "fledge data report shows where", exitCode: .badData)
    }

    /// A candidate's demonstrations as an export may show them; the candidate itself when nothing is masked.
    package func masked(_ candidate: Candidate) -> Candidate {
        guard definition?.mask == true else { return candidate }
        var candidate = candidate
        candidate.demonstrations = candidate.demonstrations.map {
            Demonstration(inputs: $0.inputs.mapValues(masked), output: masked($0.output))
        }
        return candidate
    }

    /// What a definition can say about these findings.
    package static func waysOut(of findings: PersonalDataFindings) -> String {
        let kinds = findings.counts.map { ".\($0.kind.rawValue)" }.joined(separator: ", ")
        return
            "write PersonalData(.mask) in Dataset to train on placeholders, or PersonalData(accept: \(kinds)) to train on them as they are"
    }

    private func masked(_ example: Example) -> Example {
        var example = example
        example.inputs = example.inputs.mapValues(masked)
        example.expected = masked(example.expected)
        return example
    }

    private func masked(_ text: String) -> String {
        PersonalDataScanner.masking(Set(PersonalDataKind.allCases).subtracting(definition?.accept ?? []), in: text)
    }
}
