import FledgeCore
import Foundation
import Mustache

/// Writes a report as a self-contained HTML page, as Markdown, or as JSON.
package struct ReportRenderer: Sendable {
    private let htmlTemplate: MustacheTemplate
    private let markdownTemplate: MustacheTemplate

    /// - Throws: `FledgeError` with code `report.bad_template`; the templates are part of the program.
    package init() throws(FledgeError) {
        do {
            htmlTemplate = try MustacheTemplate(
                string: String(decoding: PackageResources.report_html_mustache, as: UTF8.self))
            markdownTemplate = try MustacheTemplate(
                string: String(decoding: PackageResources.report_md_mustache, as: UTF8.self))
        } catch {
            throw FledgeError("report.bad_template", "a report template cannot be read: \(error)")
        }
    }

    package func html(_ report: PromotionReport) -> String {
        htmlTemplate.render(ReportPage(report, clean: InertText.template))
    }

    /// The template escapes nothing: every text of the view is escaped already, which HTML's rules would spoil.
    package func markdown(_ report: PromotionReport) -> String {
        markdownTemplate.render(ReportPage(report, clean: InertText.markdown))
    }

    /// The report's own value, with sorted keys and dates after ISO 8601.
    ///
    /// - Throws: `FledgeError` with code `report.not_encodable` for a number that JSON does not have.
    package func json(_ report: PromotionReport) throws(FledgeError) -> String {
        do {
            return try JSONProfile.exported.indentedText(of: report) + "\n"
        } catch {
            throw FledgeError("report.not_encodable", "the report cannot be written as JSON")
        }
    }
}
