import FledgeCore
import FledgeDocument

/// Renders a report and puts it where people find it.
package protocol ReportSink: Sendable {
    /// - Returns: the files by format.
    func write(_ report: PromotionReport, formats: [ReportFormat], name: String) async throws -> [String: String]
}
