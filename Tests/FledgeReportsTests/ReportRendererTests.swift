import FledgeCore
import FledgeDocument
import FledgeReports
import Foundation
import Testing

@Suite("Promotion reports")
struct ReportRendererTests {
    private let renderer: ReportRenderer

    init() throws { renderer = try ReportRenderer() }

    @Test("the sample report is written as it was recorded")
    func golden() throws {
        let report = SampleReport().report
        try GoldenFile(name: "report.html").expect(renderer.html(report))
        try GoldenFile(name: "report.md").expect(renderer.markdown(report))
        try GoldenFile(name: "report.json").expect(renderer.json(report))
    }

    @Test("the headline names release, score, interval and what it beat")
    func headline() {
        let expected =
            "Promoted: release 1 with LoRA adapter — holdout accuracy 0.86 [0.82, 0.90] against 0.27 [0.22, 0.33] for the best prompt."
        #expect(renderer.html(SampleReport().report).contains(expected))
    }

    @Test("a source text that nobody compiled is named as such, and one of before too")
    func source() {
        var report = SampleReport().report
        let words = "its source as sent by the client, not verified"
        #expect(report.useCases.allSatisfy { $0.isSourceVerified == nil })
        #expect(renderer.html(report).contains(words) && renderer.markdown(report).contains(words))
        for index in report.useCases.indices { report.useCases[index].isSourceVerified = true }
        #expect(!renderer.html(report).contains(words) && !renderer.markdown(report).contains(words))
    }

    @Test("a prompt's text is in no format", arguments: ["html", "markdown"])
    func promptsStayOut(format: String) {
        let text = format == "html" ? renderer.html(SampleReport().report) : renderer.markdown(SampleReport().report)
        #expect(!text.contains("secret system prompt"))
    }

    @Test("JSON reads back as the same report")
    func jsonRoundTrip() throws {
        let report = SampleReport().report
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let decoded = try decoder.decode(PromotionReport.self, from: Data(renderer.json(report).utf8))
        #expect(decoded == report)
    }

    @Test(
        "hostile text adds no element and no attribute to the page",
        arguments: [
            "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'\u{301} onload='x",
            "\"\u{200D} onload=\"x", "\u{600}<script>",
            "</title></desc></svg><script>", "{{{html}}} {{#useCases}}", "<\u{301}b>", "\u{0}<b>", "a\r\n<i>",
        ])
    func inertHTML(hostile: String) {
        func marks(_ text: String) -> [UInt8: Int] {
            // The bytes that make markup; numbers and words may differ between the two pages.
            var counts: [UInt8: Int] = [:]
            for byte in text.utf8 where "<>\"'".utf8.contains(byte) { counts[byte, default: 0] += 1 }
            return counts
        }
        let plain = renderer.html(SampleReport(text: { _ in "plain" }).report)
        let attacked = renderer.html(SampleReport(text: { _ in hostile }).report)
        #expect(marks(attacked) == marks(plain))
    }

    @Test(
        "hostile text neither turns the direction of writing nor brings control characters",
        arguments: ["\u{202E}evil", "\u{2066}x", "\u{1B}[31m", "\u{7}", "\u{206E}x", "a\rb", "a\u{85}b"])
    func inertControl(hostile: String) {
        let report = SampleReport(text: { _ in hostile }).report
        let forbidden = Set<Unicode.Scalar>(
            ["\u{202E}", "\u{2066}", "\u{1B}", "\u{7}", "\u{206E}", "\r", "\u{85}"])
        #expect(renderer.html(report).unicodeScalars.allSatisfy { !forbidden.contains($0) })
        #expect(renderer.markdown(report).unicodeScalars.allSatisfy { !forbidden.contains($0) })
    }

    @Test(
        "hostile text neither breaks Markdown's lines and tables nor makes links, images or markup",
        arguments: [
            "a | b | c", "a\n# heading", "a\r\n\r\n- item", "![x](http://evil)", "[x](javascript:alert(1))", "<script>",
            "`code`", "https://evil.example", "www.evil.example",
            "**bold**", "\\| \\", "a\u{2028}b", "|---|",
        ])
    func inertMarkdown(hostile: String) {
        let plain = renderer.markdown(SampleReport(text: { _ in "plain" }).report)
        let attacked = renderer.markdown(SampleReport(text: { _ in hostile }).report)
        func lines(_ text: String) -> [Substring] {
            text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        }
        #expect(lines(attacked).count == lines(plain).count)
        // Pipes that end a cell: those behind an even number of backslashes.
        func cells(_ line: Substring) -> Int {
            var count = 0
            var isEscaped = false
            for character in line {
                if character == "|" && !isEscaped { count += 1 }
                isEscaped = character == "\\" && !isEscaped
            }
            return count
        }
        #expect(lines(attacked).map(cells) == lines(plain).map(cells))
        #expect(!attacked.contains(/[^\\]\]\(/), "an unescaped bracket may start a link")
        for pattern in ["<script", "https://", "www.", "**bold**"] { #expect(!attacked.contains(pattern)) }
    }

    @Test("a reason of a megabyte makes no report of megabytes")
    func bounded() {
        let reason = String(repeating: "| <x>", count: 200_000)
        let report = SampleReport(text: { _ in reason }).report
        // Some hundred places show a text.
        #expect(renderer.html(report).utf8.count < 40_000_000)
        #expect(renderer.markdown(report).utf8.count < 40_000_000)
    }

    @Test("every chart says in words what it shows, and the page loads nothing")
    func accessible() {
        let page = renderer.html(SampleReport().report)
        let charts = page.components(separatedBy: "<svg ").dropFirst()
        #expect(charts.count == 6)
        for chart in charts {
            #expect(chart.contains("role=\"img\"") && chart.contains("<title id=") && chart.contains("<desc id="))
        }
        #expect(
            !page.contains("<script") && !page.contains(" src=") && !page.contains("<link") && !page.contains("url("))
    }

    @Test("no use cases make a report that says so")
    func empty() throws {
        let report = PromotionReport(
            from: nil, to: Date(timeIntervalSince1970: 0), fledgeVersion: "0.1.0", useCases: [])
        #expect(renderer.html(report).contains("No use case is known yet."))
        #expect(renderer.markdown(report).contains("No use case is known yet."))
    }

    @Test("files are written by format, and a name cannot leave the directory")
    func files() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "fledge-reports-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let files = ReportFiles(directory: directory.path)
        let written = try files.write(SampleReport().report, formats: [.html, .markdown, .json], name: "weekly-1")
        #expect(Set(written.keys) == ["html", "markdown", "json"])
        for path in written.values { #expect(FileManager.default.fileExists(atPath: path)) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).count == 3)
        for name in ["../x", "a/b", "", ".hidden", "a\u{0}b"] {
            let error = #expect(throws: FledgeError.self) {
                try files.write(SampleReport().report, formats: [.html], name: name)
            }
            #expect(error?.code == "report.bad_name")
        }
    }

    @Test("reports are closed to others, and replace a link rather than write through it")
    func closedFiles() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "fledge-reports-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let folder = directory.appending(path: "reports")
        let other = directory.appending(path: "precious")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Data("precious".utf8).write(to: other)
        let files = ReportFiles(directory: folder.path)
        _ = try files.write(SampleReport().report, formats: [.markdown], name: "a")
        try FileManager.default.removeItem(at: folder.appending(path: "a.md"))
        try FileManager.default.createSymbolicLink(at: folder.appending(path: "a.md"), withDestinationURL: other)
        let written = try files.write(SampleReport().report, formats: [.markdown, .html], name: "a")
        for path in written.values + [folder.path] {
            let facts = try FileManager.default.attributesOfItem(atPath: path)
            let mode = try #require(facts[.posixPermissions] as? Int)
            #expect(mode & 0o077 == 0, "\(path)")
        }
        #expect(try String(contentsOf: other, encoding: .utf8) == "precious")
    }

    @Test("a directory that cannot be made is an error with a code")
    func cannotWrite() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "fledge-reports-\(UUID().uuidString)")
        try Data().write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let error = #expect(throws: FledgeError.self) {
            try ReportFiles(directory: file.appending(path: "sub").path).write(
                SampleReport().report, formats: [.html], name: "a")
        }
        #expect(error?.code == "report.cannot_write")
        #expect(error?.exitCode == .cannotWrite)
    }
}
