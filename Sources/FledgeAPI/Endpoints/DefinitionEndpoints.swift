import FledgeCore

extension Endpoints {
    package static let plan = Endpoint<BodyRequest<ApplyRequest>, PlanResult>(
        .init(
            "plan", .post, root + "definitions/plan", "What applying a definition would do", access: .scope(.operate),
            errors: refusals, patience: .seconds(600)))
    package static let apply = Endpoint<BodyRequest<ApplyRequest>, ApplyResult>(
        .init(
            "apply", .post, root + "definitions/apply", "Checks a definition with its data, and stores it",
            access: .scope(.operate), errors: refusals, patience: .seconds(600)))

    private static let refusals: [FledgeError.Code] = [.accessOutOfReach, "access.other_actor", "request.bad_text"]

    static let definitions: [any DescribedEndpoint] = [plan, apply]
}
