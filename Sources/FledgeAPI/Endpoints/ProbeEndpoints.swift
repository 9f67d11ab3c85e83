import FledgeCore

/// What supervisors, collectors and browsers ask for, beside the control API.
extension Endpoints {
    package static let liveness = Endpoint<EmptyRequest, ByteStream>(
        sending: .init(
            "liveness", .get, "/livez", "Whether the process answers", access: .open,
            form: .text("text/plain; charset=utf-8")))
    package static let readiness = Endpoint<EmptyRequest, Readiness>(
        .init(
            "readiness", .get, "/readyz", "Whether the daemon does its work, part by part", access: .open,
            patience: .seconds(5), isFresh: true, refusalStatus: 503))
    package static let metrics = Endpoint<EmptyRequest, ByteStream>(
        sending: .init(
            "metrics", .get, "/metrics", "What is counted and measured, as OpenMetrics text",
            access: .everywhere(.read),
            form: .text("application/openmetrics-text; version=1.0.0; charset=utf-8"), isFresh: true))
    package static let statusPage = Endpoint<EmptyRequest, ByteStream>(
        sending: .init(
            "statusPage", .get, "/", "Where use cases stand, as a page; on the daemon's socket only", access: .socket,
            errors: ["page.socket_only.unknown"], form: .text("text/html; charset=utf-8")))

    static let probes: [any DescribedEndpoint] = [liveness, readiness, metrics, statusPage]
}
