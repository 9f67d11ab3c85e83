import FledgeCore

extension Endpoints {
    package static let openWork = Endpoint<WorkRequest, [WorkView]>(
        .init(
            "listWork", .get, root + "work", "Open work, dead work first", access: .listed(.read),
            errors: ["work.unknown_state"]))
    /// Work says of which use case it is only when it is looked at.
    package static let retryWork = Endpoint<NumberedBodyRequest<WorkItemSubject, WorkRetryRequest>, WorkView>(
        .init(
            "retryWork", .post, root + "work/{id}/retry", "Gives dead work all of its attempts again",
            access: .everywhere(.operate),
            errors: [
                "work.unknown", "work.not_dead", "work.obsolete", "access.other_actor", .requestBadParameter,
            ]))

    static let work: [any DescribedEndpoint] = [openWork, retryWork]
}
