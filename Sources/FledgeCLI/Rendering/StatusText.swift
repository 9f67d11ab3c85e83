import FledgeCore

/// `fledge status`.
enum StatusText {
    static func table(_ statuses: [UseCaseStatus]) -> String {
        guard !statuses.isEmpty else { return "no use case yet: fledge apply FILE" }
        return TextTable(
            ["Use case", "Serves", "Stage", "State", "Progress", "#Prototype", "#Holdout", "#Calls", "#Cost"],
            rows: statuses.map { status in
                [
                    status.name, status.serving.map { "release \($0.release)" } ?? ValueText.missing,
                    status.state.stage.rawValue, ValueText.state(status.state),
                    ValueText.progress(status.progress),
                    ValueText.score(status.bestPrototypeScore), ValueText.score(status.lastGate?.holdoutScore),
                    String(status.callsMade), ValueText.dollars(status.costMicroDollars),
                ]
            }
        ).render()
    }

    /// One line of `--watch` and of the demo.
    static func line(_ status: UseCaseStatus, width: Int) -> String {
        let name = status.name + String(repeating: " ", count: max(0, width - status.name.count))
        var parts = ["\(name)  \(status.state.stage.rawValue)", ValueText.state(status.state)]
        let progress = ValueText.progress(status.progress)
        if !progress.isEmpty { parts.append(progress) }
        if let serving = status.serving {
            let isOwn = serving.cycle == status.cycle && status.state.activity == .live
            parts.append(isOwn ? "release \(serving.release)" : "release \(serving.release) goes on serving")
        }
        return InertText.line(parts.joined(separator: " · "))
    }
}
