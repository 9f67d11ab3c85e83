import Foundation

/// A written report.
package struct ReportView: Codable, Hashable, Sendable {
    package var id: ReportID
    package var useCase: String?
    package var slot: Date?
    package var createdAt: Date
    /// File paths by format.
    package var files: [String: String]

    package init(id: ReportID, useCase: String?, slot: Date?, createdAt: Date, files: [String: String]) {
        self.id = id
        self.useCase = useCase
        self.slot = slot
        self.createdAt = createdAt
        self.files = files
    }
}
