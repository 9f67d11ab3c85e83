/// The share of answers that a judging model passes, by a rubric.
///
/// It may end the prompt prototype stage at once. A gate it decides only after its agreement with people's labels has
/// been measured (`fledge label`), and by the share that the measurement corrects.
public struct Judged: CriterionElement {
    public let criterion: CriterionDefinition
    public let line: Int

    /// - Parameters:
    ///   - name: what passing means, in a word: `"helpful"`.
    ///   - model: the judge, a model of the `Models` block; `tried: false` there keeps it from answering as well.
    ///   - rubric: what an answer must do to pass.
    ///   - reference: `.expected` compares the answer with the expected one, asked in both orders.
    ///   - value: the share asked for, above 0 and up to 1.
    ///   - confidence: how sure the gate has to be, above 0.5 and below 1.
    ///   - labels: answers that people must have labelled before the judge may gate; 50 unless said.
    ///   - line: the line on which it is written.
    public init(
        _ name: String, by model: String, rubric: String, against reference: JudgeReference? = nil,
        atLeast value: Double, confidence: Double = 0.95, labels: Int? = nil, line: Int = #line
    ) {
        criterion = CriterionDefinition(
            metric: .judged(
                JudgeDefinition(name: name, model: model, rubric: rubric, reference: reference, labels: labels)),
            bound: .atLeast(value), confidence: confidence)
        self.line = line
    }
}
