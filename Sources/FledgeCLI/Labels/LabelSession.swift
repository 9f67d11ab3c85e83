import FledgeCore
import FledgeDocument
import FledgeEngine

/// Shows answers one by one and stores what the person says of each, at once.
struct LabelSession {
    let sheet: LabelSheet
    /// The next line that was typed; nil at its end.
    let read: () -> String?
    let write: (String) -> Void
    let store: (LabelRequest.Entry) async throws -> JudgeStatus

    /// - Returns: how far the judge can be trusted after the last label; nil when none was given.
    func run() async throws -> JudgeStatus? {
        guard !sheet.entries.isEmpty else {
            write("You have labelled every answer that there is (\(sheet.labelled)).\n")
            return nil
        }
        write("\(InertText.line(sheet.judge.name)): \(TerminalText.hanging(sheet.judge.rubric, indent: 2))\n")
        var status: JudgeStatus?
        for (index, entry) in sheet.entries.enumerated() {
            write(LabelText.entry(entry.item, of: sheet.judge, number: index + 1, total: sheet.entries.count))
            guard let verdict = ask() else {
                write("\nStopped after \(index) of \(sheet.entries.count); run it again to go on.\n")
                return status
            }
            status = try await store(LabelRequest.Entry(id: entry.id, verdict: verdict))
        }
        return status
    }

    /// Nil to stop.
    private func ask() -> PersonAnswer? {
        while true {
            write("[p]ass, [f]ail, [s]kip, [q]uit: ")
            guard let line = read() else { return nil }
            switch line.lowercased().filter({ !$0.isWhitespace }) {
            case "p", "pass", "y", "yes": return .pass
            case "f", "fail", "n", "no": return .fail
            case "s", "skip": return .skip
            case "q", "quit": return nil
            default: write("Type p, f, s or q, then Enter.\n")
            }
        }
    }
}
