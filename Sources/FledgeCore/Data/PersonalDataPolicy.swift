import FledgeDocument

/// What may leave the database for a trainer or an export.
package struct PersonalDataPolicy: Sendable {
    private let definition: PersonalDataDefinition?
    private let fields: AnswerFields

    package init(_ dataset: DatasetDefinition?) {
        definition = dataset?.personalData
        fields = AnswerFields(dataset)
    }

    /// The examples as a trainer may have them: with placeholders where the definition masks.
    ///
    /// Where the definition says nothing about personal data, no examples are given out as soon as one of them holds
    /// any.
    /// - Throws: `FledgeError` with code `training.personal_data` (exit 65), which names the kinds, how many, and the
    ///   two ways out; `CancellationError` where the task was cancelled.
    package func cleared(_ examples: [Example]) throws -> [Example] {
        var point = CancellationPoint()
        func pass(_ example: Example) throws(CancellationError) {
            try point.pass(example.inputs.values.reduce(64 + example.expected.utf8.count) { $0 + $1.utf8.count })
        }
        if definition?.mask == true {
            return try examples.map { example in
                try pass(example)
                return masked(example)
            }
        }
        var findings = PersonalDataFindings()
        for example in examples {
            try pass(example)
            findings.add(
                DatasetSplitter.Row(
                    row: example.row, group: nil, inputs: example.inputs, expected: example.expected,
                    preference: example.preference), split: example.split, fields: fields)
        }
        let refused = findings.without(definition?.accept ?? [])
        if refused.findings.isEmpty { return examples }
        throw FledgeError(
            "training.personal_data",
            "the examples to train on hold \(refused.summary); \(Self.waysOut(of: refused)), and apply the definition",
            hint: "fledge data report shows where")
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
        if let preference = example.preference {
            let (chosen, rejected) = (masked(preference.chosen), masked(preference.rejected))
            // Two texts that differ in what is masked alone say nothing of which is better.
            example.preference = chosen == rejected ? nil : Preference(chosen: chosen, rejected: rejected)
        }
        return example
    }

    private func masked(_ text: String) -> String {
        PersonalDataScanner.masking(Set(PersonalDataKind.allCases).subtracting(definition?.accept ?? []), in: text)
    }
}
