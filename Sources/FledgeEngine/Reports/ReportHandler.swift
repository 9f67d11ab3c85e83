import FledgeCore
import Foundation

/// Writes a report that a schedule or a person asked for.
package struct ReportHandler: WorkHandler {
    private let stores: any ReportStore
    private let sink: any ReportSink
    private let now: @Sendable () -> Date

    package init(stores: any ReportStore, sink: any ReportSink, now: @escaping @Sendable () -> Date) {
        self.stores = stores
        self.sink = sink
        self.now = now
    }

    package func handle(_ item: WorkItem) async throws -> WorkOutcome {
        guard let request = item.report else { return .finished }
        _ = try await write(request)
        return .finished
    }

    package func write(_ request: ReportRequest) async throws -> ReportView {
        let at = now()
        let report = try await stores.reportContent(useCase: request.useCase, from: request.from, to: at)
        let day = at.formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
        let files = try await sink.write(
            report, formats: request.formats,
            name: "\(day)-\(request.useCase ?? "all")-\(Digest(of: request.key).rawValue.prefix(6))")
        CrashPoint.reportUnstored.reached()
        return try await stores.storeReport(report, request: request, files: files)
    }
}
