import FledgeCore
import FledgeEngine

/// Follows use cases: a line for each, and one for each transition as it happens.
struct StatusWatch {
    let api: any ControlAPI
    /// Nil for all.
    var name: String?
    var interval: Duration = .seconds(1)
    /// Whether one that waits for an approval is still watched.
    var outlastsApprovals = false

    /// Ends when every use case has arrived, or at the deadline. - Returns: the last statuses.
    @discardableResult
    func run(until deadline: ContinuousClock.Instant?) async throws -> [UseCaseStatus] {
        var screen = WatchScreen(isTerminal: Console.isTerminal, hasColour: Console.hasColour)
        var seen: [String: Int] = [:]
        while true {
            let statuses = try await api.statuses(name: name)
            var transitions: [String] = []
            for status in statuses {
                let history = try await api.history(name: status.name)
                if let last = seen[status.name] {
                    transitions += history.filter { $0.sequence > last }.map {
                        HistoryText.transition($0, of: status.name)
                    }
                }
                seen[status.name] = history.last?.sequence ?? 0
            }
            Console.writeRaw(screen.draw(statuses, transitions: transitions))
            if statuses.allSatisfy(hasArrived) { return statuses }
            if let deadline, ContinuousClock.now >= deadline { return statuses }
            try await Task.sleep(for: interval)
        }
    }
    private func hasArrived(_ status: UseCaseStatus) -> Bool {
        let arrival = Arrival(status)
        return outlastsApprovals && arrival == .awaitingApproval ? false : arrival != nil
    }
}
