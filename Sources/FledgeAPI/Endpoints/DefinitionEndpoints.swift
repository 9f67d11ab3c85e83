import FledgeCore

extension Endpoints {
    package static let plan = Endpoint<EmptyRequest, [PlanResult]>(
        .init(
            "plan", .post, root + "definitions/plan", "What applying definitions would do, each by itself",
            access: .scope(.operate), errors: refusals, patience: .seconds(600),
            upload: SubmissionHeader.contentType))
    package static let apply = Endpoint<EmptyRequest, [ApplyResult]>(
        .init(
            "apply", .post, root + "definitions/apply",
            "Checks definitions with their data, and stores all of them, or none", access: .scope(.operate),
            errors: refusals, patience: .seconds(600), upload: SubmissionHeader.contentType))

    private static let refusals: [FledgeError.Code] = [
        .accessOutOfReach, "access.other_actor", "request.bad_text", "request.malformed", "request.bad_file",
        "request.too_many_files", "request.too_large", "data.too_large", "definition.apply_outdated",
    ]

    static let definitions: [any DescribedEndpoint] = [plan, apply]
}
