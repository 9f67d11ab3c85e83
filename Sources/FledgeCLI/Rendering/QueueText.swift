import FledgeCore
import Foundation

/// `fledge work`.
enum QueueText {
    static func table(_ work: [WorkView], now: Date) -> String {
        guard !work.isEmpty else { return "no open work" }
        return TextTable(
            ["#Work", "State", "Kind", "Use case", "#Cycle", "#Priority", "#Attempts", "Age", "Due in", "Error"],
            rows: work.map { item in
                [
                    item.id.description, item.state.rawValue, item.kind, item.useCase ?? ValueText.missing,
                    item.cycle.map(String.init) ?? ValueText.missing, String(item.priority),
                    "\(item.attempts)/\(item.maximumAttempts)", ValueText.span(now.timeIntervalSince(item.createdAt)),
                    due(item, now), error(item),
                ]
            }
        ).render()
    }

    static func retried(_ item: WorkView) -> String {
        item.state == .cancelled
            ? InertText.line(
                "\(item.useCase ?? "its use case") asks for its work anew, in place of work item \(item.id)")
            : "work item \(item.id) is \(item.state.rawValue) again"
    }

    private static func due(_ item: WorkView, _ now: Date) -> String {
        guard item.state == .queued else { return ValueText.missing }
        guard let date = item.runAt else { return "paused" }
        return date <= now ? "now" : ValueText.span(date.timeIntervalSince(now))
    }

    /// The code and the message's beginning, in one line of printable characters.
    private static func error(_ item: WorkView) -> String {
        guard let code = item.errorCode else { return "" }
        let message = (item.errorMessage ?? "").split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        return message.isEmpty ? code : "\(code): \(InertText.line(message, limit: 100))"
    }
}
