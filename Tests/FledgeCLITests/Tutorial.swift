import Foundation

/// What docs/tutorial.md has a reader do, in the page's order.
struct Tutorial {
    struct Step {
        enum Kind {
            /// Lines of a shell, which have to end with 0.
            case script(String)
            /// Commands behind `$ `, each with what the page says that it prints.
            case session([(command: String, output: String)])
            /// A file that the reader writes.
            case file(name: String, text: String)
            /// Commands that a test can't run, and why not.
            case left(reason: String)
        }

        /// The page's line on which the block begins, counted from 1.
        let line: Int
        let kind: Kind
    }

    struct Fault: Error, CustomStringConvertible {
        let line: Int
        let message: String
        var description: String { "docs/tutorial.md:\(line): \(message)" }
    }

    private(set) var steps: [Step] = []

    /// Reads the fenced blocks of a page.
    ///
    /// `sh` blocks are scripts and `console` blocks sessions; `<!-- not run: REASON -->` on the line above leaves one
    /// out, and `<!-- file: NAME -->` above a block of any other language makes it a file's text.
    ///
    /// - Throws: `Fault` for a block that is neither, a session that does not begin with a command, an indented line
    ///   outside of fences, which Markdown shows as code too, and a block without its end.
    init(_ page: String) throws(Fault) {
        var before = ""
        var open: (line: Int, language: String, mark: String, text: [String])?
        for (index, line) in page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).enumerated()
        {
            if line.hasPrefix("```") {
                if let block = open {
                    steps.append(Step(line: block.line, kind: try Self.kind(of: block)))
                    open = nil
                    before = ""
                } else {
                    open = (index + 1, String(line.dropFirst(3)), before, [])
                }
            } else if open != nil {
                open?.text.append(line)
            } else {
                guard !line.hasPrefix("    ") else {
                    throw Fault(line: index + 1, message: "put commands into a fence")
                }
                before = line
            }
        }
        if let open { throw Fault(line: open.line, message: "the block has no end") }
    }

    private static func kind(
        of block: (line: Int, language: String, mark: String, text: [String])
    ) throws(Fault) -> Step.Kind {
        let text = block.text.map { $0 + "\n" }.joined()
        let isShell = ["sh", "console"].contains(block.language)
        if let name = mark("file", in: block.mark), !isShell { return .file(name: name, text: text) }
        if let reason = mark("not run", in: block.mark), isShell { return .left(reason: reason) }
        switch block.language {
        case "sh": return .script(text)
        case "console": return .session(try session(block.text, line: block.line))
        default:
            throw Fault(line: block.line, message: "a block of \(block.language) needs <!-- file: NAME --> above it")
        }
    }

    private static func mark(_ name: String, in line: String) -> String? {
        guard line.hasPrefix("<!-- \(name): "), line.hasSuffix(" -->") else { return nil }
        return String(line.dropFirst("<!-- \(name): ".count).dropLast(" -->".count))
    }

    private static func session(_ lines: [String], line: Int) throws(Fault) -> [(command: String, output: String)] {
        var commands: [(command: String, output: String)] = []
        for (index, text) in lines.enumerated() {
            if text.hasPrefix("$ ") {
                commands.append((String(text.dropFirst(2)), ""))
            } else if commands.isEmpty {
                throw Fault(line: line + index + 1, message: "a session begins with a command behind \"$ \"")
            } else {
                commands[commands.count - 1].output += text + "\n"
            }
        }
        return commands
    }
}
