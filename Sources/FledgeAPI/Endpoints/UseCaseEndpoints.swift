import FledgeCore
import FledgeDocument

extension Endpoints {
    package static let statuses = Endpoint<PageRequest, [UseCaseStatus]>(
        .init(
            "listUseCases", .get, root + "use-cases", "Where use cases stand, in the order of their names",
            access: .scope(.read), errors: ["request.bad_limit"]))
    package static let status = Endpoint<NamedRequest, [UseCaseStatus]>(
        .init(
            "useCase", .get, root + "use-cases/{name}", "Where a use case stands, as a list of one",
            access: .useCase(.read)))
    package static let history = Endpoint<NamedRequest, [HistoryEntry]>(
        .init(
            "history", .get, root + "use-cases/{name}/history", "Every transition of a use case, oldest first",
            access: .useCase(.read)))
    package static let explanation = Endpoint<NamedRequest, Explanation>(
        .init(
            "explanation", .get, root + "use-cases/{name}/explanation", "Why a use case stands where it stands",
            access: .useCase(.read)))
    package static let decision = Endpoint<DecisionRequest, Decision>(
        .init(
            "decision", .get, root + "use-cases/{name}/decisions/{number}",
            "A decision with its rules and evidence", access: .useCase(.read),
            errors: ["decision.unknown", .requestBadParameter]))
    package static let replay = Endpoint<NamedRequest, Replay>(
        .init(
            "replay", .get, root + "use-cases/{name}/replay",
            "Every gate and decision, computed again from the samples", access: .useCase(.read),
            patience: .seconds(300), isLong: true))
    /// Every row is compared with the others once more.
    package static let dataReport = Endpoint<NamedRequest, DataReport>(
        .init(
            "dataReport", .get, root + "use-cases/{name}/data", "What the data of the latest cycle looks like",
            access: .useCase(.read), errors: ["use_case.no_cycle"], patience: .seconds(300)))
    package static let holdout = Endpoint<NamedRequest, HoldoutLedger>(
        .init(
            "holdout", .get, root + "use-cases/{name}/holdout",
            "Every look at the holdout, and what is left of its error budget", access: .useCase(.read)))
    package static let experiments = Endpoint<NamedRequest, [CandidateScore]>(
        .init(
            "experiments", .get, root + "use-cases/{name}/experiments", "The candidates of every round and gate",
            access: .useCase(.read)))
    package static let command = Endpoint<NamedBodyRequest<CommandRequest>, UseCaseStatus>(
        .init(
            "command", .post, root + "use-cases/{name}/commands", "A command to the current cycle",
            access: .command([.operate, .approve]),
            errors: [
                "use_case.no_cycle", "cycle.rejected_event", "cycle.conflict", "reason.empty", "access.other_actor",
                "access.own_revision",
            ]))

    static let useCases: [any DescribedEndpoint] = [
        statuses, status, history, explanation, decision, replay, dataReport, holdout, experiments, command,
    ]
}

extension CycleCommand {
    /// What it takes to send it.
    package var scope: AccessScope {
        switch self {
        case .approve, .reject: .approve
        case .pause, .resume, .retry, .cancel, .retire: .operate
        }
    }
}
