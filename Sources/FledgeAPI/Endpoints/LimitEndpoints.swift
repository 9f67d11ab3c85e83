import FledgeCore

extension Endpoints {
    package static let spend = Endpoint<ListRequest, [UseCaseSpend]>(
        .init(
            "listSpend", .get, root + "spend", "What use cases have spent, and what is left under their caps",
            access: .listed(.read)))

    static let limits: [any DescribedEndpoint] = [spend]
}
