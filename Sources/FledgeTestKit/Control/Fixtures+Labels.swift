import FledgeCore
import FledgeDocument
import FledgeEngine

extension Fixtures {
    package static let judge = JudgeDefinition(name: "helpful", model: "judge", rubric: "It answers the question.")

    package static let labelSheet = LabelSheet(
        useCase: "triage", judge: judge,
        entries: ["Paris", "Lyon, \"the\" city\nof light", "\u{1B}[2J=1+1"].map { answer in
            let item = JudgedItem(inputs: ["question": "The capital?"], answer: answer, expected: "Paris")
            return LabelSheet.Entry(id: item.id, item: item)
        }, labelled: 0)

    package static let judgeStatus = JudgeStatus(
        calibration: JudgeCalibration(
            useCase: "triage", judge: judge,
            matrix: ConfusionMatrix(truePasses: 8, falseFails: 1, falsePasses: 1, trueFails: 2)),
        labels: 13, unjudged: 1)
}
