import FledgeCore

/// `fledge history`, and the lines of transitions as they happen.
enum HistoryText {
    static func table(_ entries: [HistoryEntry]) -> String {
        guard !entries.isEmpty else { return "nothing has happened yet" }
        return TextTable(
            ["#No", "Time", "#Cycle", "Event", "From", "To", "By", "What"],
            rows: entries.map {
                [
                    String($0.sequence), ValueText.date($0.at), String($0.cycle), $0.event,
                    place($0.fromStage, $0.fromActivity), place($0.toStage, $0.toActivity), $0.actor, $0.note ?? "",
                ]
            }
        ).render()
    }

    static func transition(_ entry: HistoryEntry, of name: String) -> String {
        let time = String(ValueText.date(entry.at).dropFirst(11).prefix(8))
        return InertText.line(
            "\(time)  \(name): \(entry.event): \(place(entry.fromStage, entry.fromActivity)) → "
                + place(entry.toStage, entry.toActivity) + (entry.note.map { " (\($0))" } ?? ""))
    }

    static func place(_ stage: Stage, _ activity: Activity) -> String {
        activity == .none ? stage.rawValue : "\(stage.rawValue)/\(activity.rawValue)"
    }
}
