import FledgeCore

extension Endpoints {
    /// The answers are the holdout's neighbours: whoever may label may see them.
    package static let labelSheet = Endpoint<LabelSheetRequest, LabelSheet>(
        .init(
            "labelSheet", .get, root + "use-cases/{name}/labels", "Answers for a person to label",
            access: .useCase(.operate), errors: labelling + ["label.no_answers"]))
    /// A local judge may have to be started first.
    package static let label = Endpoint<NamedBodyRequest<LabelRequest>, JudgeStatus>(
        .init(
            "label", .post, root + "use-cases/{name}/labels", "Stores labels, all or none",
            access: .useCase(.operate), errors: labelling + ["label.nobody", "label.unknown_answer"],
            patience: .seconds(120)))
    package static let judges = Endpoint<NamedRequest, [JudgeStatus]>(
        .init(
            "judges", .get, root + "use-cases/{name}/judges", "How far each judge can be trusted",
            access: .useCase(.read), errors: ["use_case.no_cycle"], patience: .seconds(120)))

    private static let labelling: [FledgeError.Code] = [
        "use_case.no_cycle", "label.no_judge", "label.which_judge", "label.unknown_metric",
    ]

    static let labels: [any DescribedEndpoint] = [labelSheet, label, judges]
}
