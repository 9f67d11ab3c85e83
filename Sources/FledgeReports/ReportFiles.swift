import FledgeCore
import FledgeDocument
import Foundation
import ManagedProcess

/// Puts rendered reports into a directory, each file whole or not at all.
package struct ReportFiles: Sendable {
    private let directory: String

    package init(directory: String) {
        self.directory = directory
    }

    /// Writes one file for each format: `NAME.html`, `NAME.md`, `NAME.json`. A file of that name is replaced.
    ///
    /// - Returns: the files' paths by format.
    /// - Throws: `FledgeError` with code `report.bad_name` or `report.cannot_write`.
    package func write(_ report: PromotionReport, formats: [ReportFormat], name: String) throws(FledgeError) -> [String:
        String]
    {
        let isSafe = name.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_.".unicodeScalars.contains($0))
        }
        guard isSafe, !name.isEmpty, !name.hasPrefix("."), name.utf8.count <= 200 else {
            throw FledgeError(
                "report.bad_name", "a report's name has letters, digits, hyphens, underscores and dots only",
                hint: "choose another name")
        }
        let renderer = try ReportRenderer()
        var files: [String: String] = [:]
        for format in Set(formats).sorted(by: { $0.rawValue < $1.rawValue }) {
            let text: String
            let suffix: String
            switch format {
            case .html: (text, suffix) = (renderer.html(report), "html")
            case .markdown: (text, suffix) = (renderer.markdown(report), "md")
            case .json: (text, suffix) = (try renderer.json(report), "json")
            }
            let path = URL(filePath: directory).appending(path: "\(name).\(suffix)")
            do {
                try PrivateFolder.make(directory)
                // Written beside the target, then renamed.
                try PrivateFile.write(Data(text.utf8), to: path.path)
            } catch {
                throw FledgeError(
                    "report.cannot_write", "the report cannot be written: \(error.message)",
                    place: path.path,
                    hint: "check that the directory exists, is writable and has space")
            }
            files[format.rawValue] = path.path
        }
        return files
    }
}
