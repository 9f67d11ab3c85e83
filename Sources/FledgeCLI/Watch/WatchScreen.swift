import FledgeCore

/// What a live view writes next: redrawn lines for a terminal, a line for each change elsewhere.
struct WatchScreen {
    private let isTerminal: Bool
    private let hasColour: Bool
    private var drawnLines = 0
    private var shown: [String: Shown] = [:]

    private struct Shown: Equatable {
        var stage: String
        var tenth: Int
        var phase: String?
    }

    init(isTerminal: Bool, hasColour: Bool) {
        self.isTerminal = isTerminal
        self.hasColour = hasColour
    }

    /// The lines that were drawn stay as they are: something else was written below them.
    mutating func leave() { drawnLines = 0 }

    mutating func draw(_ statuses: [UseCaseStatus], transitions: [String]) -> String {
        let width = statuses.map(\.name.count).max() ?? 0
        guard isTerminal else {
            let moved = statuses.filter { status in
                let tenth = status.progress.map { $0.total > 0 ? $0.done * 10 / $0.total : 0 } ?? -1
                let now = Shown(
                    stage: status.state.stage.rawValue + ValueText.state(status.state), tenth: tenth,
                    phase: status.progress?.phase)
                defer { shown[status.name] = now }
                return shown[status.name] != now
            }
            return (transitions + moved.map { StatusText.line($0, width: width) }).map { $0 + "\n" }.joined()
        }
        var text = drawnLines > 0 ? "\u{1B}[\(drawnLines)A\u{1B}[J" : ""
        text += transitions.map { $0 + "\n" }.joined()
        text += statuses.map { coloured(StatusText.line($0, width: width), $0) + "\n" }.joined()
        drawnLines = statuses.count
        return text
    }

    private func coloured(_ line: String, _ status: UseCaseStatus) -> String {
        guard hasColour, let arrival = Arrival(status) else { return line }
        let colour =
            switch arrival {
            case .live: "32"
            case .awaitingApproval, .rolledBack: "33"
            case .blocked, .inconclusive, .retired: "31"
            }
        return "\u{1B}[\(colour)m\(line)\u{1B}[0m"
    }
}
