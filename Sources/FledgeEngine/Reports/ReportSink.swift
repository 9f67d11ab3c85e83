import FledgeCore
import FledgeDocument

/// Renders a report and puts it where people find it.
package protocol ReportSink: Sendable {
    /// May be repeated, as it is after a crash: a report of that name is replaced.
    ///
    /// - Parameter name: of a file, without a suffix: ASCII letters, digits, hyphens, underscores and dots.
    /// - Returns: the paths of the files by format. The files are people's: nobody reads them again, and housekeeping
    ///   takes away old ones.
    /// - Throws: for a person `report.cannot_write`; `report.bad_name`.
    func write(_ report: PromotionReport, formats: [ReportFormat], name: String) async throws -> [String: String]
}
