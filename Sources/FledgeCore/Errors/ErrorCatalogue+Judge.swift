extension ErrorCatalogue {
    /// `judge.…`
    static let judge: [ErrorEntry] = [
        ErrorEntry(
            "judge.alone", .permanent, .success,
            "Nothing but a model's judgement says whether answers are good.",
            "Label answers with fledge label."),
        ErrorEntry(
            "judge.bad_name", .permanent, .badData,
            "The name of what is judged is none.",
            "Write a word in lower-case letters, digits and hyphens."),
        ErrorEntry(
            "judge.compared", .permanent, .badData,
            "The champion is compared by a model's word.",
            "Name another metric."),
        ErrorEntry(
            "judge.conflict", .permanent, .badData, http: 409,
            "The same thing is judged in two ways.",
            "Give both criteria the same judge, or another name."),
        ErrorEntry(
            "judge.empty_rubric", .permanent, .badData,
            "The rubric of a judge is empty.",
            "Say what an answer must do to pass."),
        ErrorEntry(
            "judge.few_labels", .permanent, .badData,
            "The number of a judge's labels is out of its range.",
            "Ask for more labels."),
        ErrorEntry(
            "judge.own_answers", .permanent, .success,
            "A model judges answers that it gave itself.",
            "Judge with another model."),
        ErrorEntry(
            "judge.unknown_model", .permanent, .badData,
            "The judge is no model of the definition.",
            "Name a model of the Models block."),
        ErrorEntry(
            .judgeUnreadable, .needsPerson, .configuration,
            "Too many replies of the judge can't be read.",
            "Let another model judge, or serve this one with JSON schemas enforced; then retry."),
    ]
}

extension FledgeError.Code {
    package static let judgeUnreadable: Self = "judge.unreadable"
}
