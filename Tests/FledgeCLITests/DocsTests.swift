import Foundation
import Testing

/// The pages that people read: what they link to is there.
@Suite("The docs") struct DocsTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardizedFileURL.path(percentEncoded: false)
    private static let mostLinesOfReadme = 150

    @Test("every relative link leads to a file, and to a heading in it")
    func links() throws {
        let pages = try Self.pages()
        let known = Set(["README.md", "CONTRIBUTING.md", ".github/SECURITY.md", "docs/security.md"])
        #expect(known.isSubset(of: pages))
        let problems = try pages.flatMap { page in
            try MarkdownPage(Self.text(of: page)).links.compactMap { link in
                try Self.problem(with: link.target, on: page).map { "\(page):\(link.line): \(link.target): \($0)" }
            }
        }
        #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
    }

    @Test("README.md has at most 150 lines")
    func readme() throws {
        let lines = try Self.text(of: "README.md").split(separator: "\n", omittingEmptySubsequences: false).count - 1
        #expect(lines <= Self.mostLinesOfReadme)
    }

    @Test("where.md answers at least twenty questions, of most targets, with a file that is there")
    func whereToChange() throws {
        let rows = try Self.text(of: "docs/internals/where.md").matches(of: /\n\| [^|]+ \| `([^`|]+)` \|/)
            .map { String($0.output.1) }
        for path in rows {
            #expect(FileManager.default.fileExists(atPath: Self.root + "/" + path), "there is no \(path)")
        }
        let targets = Set(rows.map { $0.split(separator: "/").prefix(2).joined(separator: "/") })
        #expect(rows.count >= 20 && targets.count >= 12)
    }

    @Test(
        "a heading is named as GitHub names it",
        arguments: [
            ("# Two commands", "two-commands"), ("## Exit status of `fledge wait`", "exit-status-of-fledge-wait"),
            ("### Judges' replies", "judges-replies"), ("## What `check` says: 5 things", "what-check-says-5-things"),
            ("## [Keys](keys.md), and ids_of", "keys-and-ids_of"), ("# Über – uns ##", "über--uns"),
        ])
    func slugs(heading: String, slug: String) {
        #expect(MarkdownPage(heading).anchors == [slug])
    }

    @Test("headings of one name are told apart, and code has neither headings nor links")
    func code() {
        let page = MarkdownPage("# A\n\n## A\n\n```\n# B\n[b](b.md)\n```\n`[c](c.md)` [d](d.md#e \"title\")\n")
        #expect(page.anchors == ["a", "a-1"])
        #expect(page.links.map(\.target) == ["d.md#e"] && page.links.map(\.line) == [9])
    }

    /// The pages, by their paths below the root.
    private static func pages() throws -> [String] {
        let files = FileManager.default
        let docs = try files.subpathsOfDirectory(atPath: root + "/docs").map { "docs/" + $0 }
        let github = try files.contentsOfDirectory(atPath: root + "/.github").map { ".github/" + $0 }
        let below = (github + docs).filter { $0.hasSuffix(".md") }
        return ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"] + below.sorted()
    }

    private static func text(of page: String) throws -> String {
        try String(contentsOfFile: root + "/" + page, encoding: .utf8)
    }

    /// What is wrong with a link; nil for one that leads to something, or out of the repository by an address.
    private static func problem(with target: String, on page: String) throws -> String? {
        if target.prefixMatch(of: /[a-z][a-z0-9+.-]*:/) != nil { return nil }
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let folder = URL(filePath: root + "/" + page).deletingLastPathComponent()
        let path =
            parts[0].isEmpty
            ? root + "/" + page : folder.appending(path: parts[0]).standardizedFileURL.path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: path) else { return "there is no such file" }
        guard let anchor = parts.dropFirst().first else { return nil }
        guard path.hasSuffix(".md") else { return "only pages have headings" }
        let anchors = MarkdownPage(try String(contentsOfFile: path, encoding: .utf8)).anchors
        return anchors.contains(anchor) ? nil : "there is no such heading"
    }
}

/// The headings and the links of a page, those in code left out.
private struct MarkdownPage {
    /// The names of its headings, by GitHub's rules, in order.
    private(set) var anchors: [String] = []
    private(set) var links: [(line: Int, target: String)] = []

    init(_ text: String) {
        var isCode = false
        var used: [String: Int] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.prefixMatch(of: #/ *```/#) != nil {
                isCode.toggle()
                continue
            }
            if isCode { continue }
            if let heading = line.wholeMatch(of: #/#{1,6} +(.*?)(?: +#+)? */#) {
                let slug = Self.slug(of: heading.output.1)
                let before = used[slug, default: 0]
                used[slug] = before + 1
                anchors.append(before == 0 ? slug : "\(slug)-\(before)")
            }
            for link in line.replacing(/`[^`]*`/, with: "").matches(of: /\]\(([^)\s]+)(?:\s+"[^"]*")?\)/) {
                links.append((index + 1, String(link.output.1)))
            }
        }
    }

    /// Lower case; letters, digits, `-` and `_` stay, a space becomes `-`, and everything else goes.
    private static func slug(of heading: Substring) -> String {
        let shown = heading.replacing(/\[([^\]]*)\]\([^)]*\)/) { $0.output.1 }.lowercased()
        return String(
            shown.compactMap { character -> Character? in
                if character == " " { return "-" }
                return character.isLetter || character.isNumber || "-_".contains(character) ? character : nil
            })
    }
}
