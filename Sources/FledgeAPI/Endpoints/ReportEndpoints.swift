import FledgeCore

extension Endpoints {
    package static let reports = Endpoint<ListRequest, [ReportView]>(
        .init("listReports", .get, root + "reports", "Reports that were written", access: .listed(.read)))
    package static let reportNow = Endpoint<BodyRequest<ReportNowRequest>, ReportView>(
        .init(
            "report", .post, root + "reports", "Writes a report, on a use case or on all",
            access: .scope(.operate), errors: [.accessOutOfReach, .useCaseUnknown, "request.bad_text"],
            patience: .seconds(120)))

    static let reporting: [any DescribedEndpoint] = [reports, reportNow]
}
