import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeReports

/// Puts reports into a folder.
struct ReportFilesSink: ReportSink {
    let directory: String

    func write(_ report: PromotionReport, formats: [ReportFormat], name: String) async throws -> [String: String] {
        try ReportFiles(directory: directory).write(report, formats: formats, name: name)
    }
}
