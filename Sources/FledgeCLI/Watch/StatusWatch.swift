import FledgeCore
import FledgeEngine

/// Follows use cases: a line for each, and one for each transition as it happens.
struct StatusWatch {
    let api: any ControlAPI
    /// Nil for all.
    var name: String?
    var interval: Duration = .seconds(1)
    /// Whether one that waits for a person, to approve or to resume it, is still watched.
    var outlastsPeople = false

    /// Ends when every use case has arrived, or at the deadline. A daemon that is restarted is waited for.
    ///
    /// - Returns: the last statuses.
    @discardableResult
    func run(
        until deadline: ContinuousClock.Instant?, reconnection: Reconnection = Reconnection()
    ) async throws -> [UseCaseStatus] {
        var screen = WatchScreen(isTerminal: Console.isTerminal, hasColour: Console.hasColour)
        var reconnection = reconnection
        var seen: [String: Int] = [:]
        var last: [UseCaseStatus] = []
        while true {
            let outages = reconnection.outages
            do {
                let (statuses, histories) = try await reconnection.ask(until: deadline) { try await standing() }
                // What was said of the daemon stands below the lines that would be drawn anew.
                if reconnection.outages > outages { screen.leave() }
                let transitions = histories.flatMap { name, history in
                    history.filter { $0.sequence > seen[name] ?? .max }.map { HistoryText.transition($0, of: name) }
                }
                for (name, history) in histories { seen[name] = history.last?.sequence ?? 0 }
                Console.writeRaw(screen.draw(statuses, transitions: transitions))
                last = statuses
            } catch is FledgeError where !last.isEmpty && isOver(deadline) {
                return last
            }
            if last.allSatisfy(hasArrived) || isOver(deadline) { return last }
            try await Task.sleep(for: interval)
        }
    }

    private func standing() async throws -> ([UseCaseStatus], [(name: String, history: [HistoryEntry])]) {
        let statuses = try await api.statuses(name: name)
        var histories: [(name: String, history: [HistoryEntry])] = []
        for status in statuses { histories.append((status.name, try await api.history(name: status.name))) }
        return (statuses, histories)
    }

    private func isOver(_ deadline: ContinuousClock.Instant?) -> Bool {
        deadline.map { ContinuousClock.now >= $0 } ?? false
    }

    private func hasArrived(_ status: UseCaseStatus) -> Bool {
        let arrival = Arrival(status)
        if arrival == .awaitingApproval || Pause(status) != nil { return !outlastsPeople }
        return arrival != nil
    }
}
