import FledgeCore

extension Endpoints {
    package static let daemonStatus = Endpoint<EmptyRequest, DaemonStatus>(
        .init("daemonStatus", .get, root + "daemon", "The daemon itself", access: .scope(.read)))
    /// Asking every server takes as long as the slowest.
    package static let models = Endpoint<EmptyRequest, [ModelStatus]>(
        .init(
            "listModels", .get, root + "models", "The models of all applied definitions", access: .everywhere(.read),
            patience: .seconds(300)))
    package static let openAPI = Endpoint<EmptyRequest, JSONValue>(
        .init(
            "openAPI", .get, root + "openapi.json", "This document", access: .scope(.read)))

    static let daemon: [any DescribedEndpoint] = [daemonStatus, models, openAPI]
}
