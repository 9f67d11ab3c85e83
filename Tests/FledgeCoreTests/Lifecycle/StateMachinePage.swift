import FledgeCore

/// `docs/internals/state-machine.md`: what the table comes to when every edge of it is tried.
enum StateMachinePage {
    static var text: String {
        """
        # The stage machine

        Where a use case's cycle stands is a place: a stage and what is done there. An event moves it by the first row of \
        the table below that takes it, in one transaction with the history's next entry and what the row says of work. \
        An event that no row takes is rejected (`cycle.rejected_event`), and changes nothing. The machine is \
        `CycleMachine`, the table `CycleMachine+Table.swift`; both are pure.

        What an event comes to besides (rounds, looks, trainings, the candidate, whether a cycle is paused or blocked) is \
        counted by `CycleState.remember`, by which an audit counts the history again. Whoever changes it raises \
        `CycleState.rules`.

        ```mermaid
        \(diagram)
        ```

        Left out of the diagram is what moves no cycle, and `retired`, which leads from everywhere but the start to the \
        end. A cycle is over with `retired`, and with `superseded`, after which the next one is opened on a newer revision. A \
        blocked cycle takes no step until `retried` starts the work of its place again. A paused one takes steps \
        (work that is under way ends), but none of its work begins.

        | at | event | if | then at | work | of the state |
        |---|---|---|---|---|---|
        \(rows)

        This page is made by trying every row: `FLEDGE_RECORD=1 make test TEST='--filter StateMachinePageTests'` writes it \
        anew.

        """
    }

    // MARK: The diagram

    private static var diagram: String {
        let names = CycleMachine.places.map { "    state \"\(name($0))\" as \(identifier($0))" }
        var ways: [(way: String, events: [String])] = []
        for edge in CycleMachine.edges {
            guard let to = edge.to, to.stage != .retired else { continue }
            for from in CycleMachine.places where edge.from.contains(from) {
                let way = "\(identifier(from)) --> \(identifier(to))"
                if let index = ways.firstIndex(where: { $0.way == way }) {
                    ways[index].events.append(edge.event.rawValue)
                } else {
                    ways.append((way, [edge.event.rawValue]))
                }
            }
        }
        let lines = ways.map { "    \($0.way) : \($0.events.joined(separator: ", "))" }
        let start = "    [*] --> \(identifier(CycleMachine.Place(.promptPrototype, .none)))"
        let end = "    \(identifier(CycleMachine.Place(.retired, .none))) --> [*]"
        return (["stateDiagram-v2"] + names + [start] + lines + [end]).joined(separator: "\n")
    }

    private static func name(_ place: CycleMachine.Place) -> String {
        "\(place.stage.rawValue)/\(place.activity.rawValue)"
    }

    private static func identifier(_ place: CycleMachine.Place) -> String {
        String(name(place).map { $0.isLetter ? $0 : "_" })
    }

    // MARK: The table

    private static var rows: String {
        CycleMachine.edges.indices.map { index in
            let edge = CycleMachine.edges[index]
            let places = CycleMachine.places.filter { place in
                edge.from.contains(place)
                    && !CycleMachine.edges[..<index].contains {
                        $0.event == edge.event && $0.condition == edge.condition && $0.from.contains(place)
                    }
            }
            let tries = places.flatMap { StateMachineTry.all(edge, at: $0) }
            let to = edge.to.map { "`\(name($0))`" } ?? "the same"
            let cells = [
                words(places), "`\(edge.event.rawValue)`", edge.condition.words, to, alternatives(tries.map(\.work)),
                alternatives(tries.map(\.changes)),
            ]
            return "| \(cells.joined(separator: " | ")) |"
        }.joined(separator: "\n")
    }

    private static func words(_ places: [CycleMachine.Place]) -> String {
        func list(_ places: [CycleMachine.Place]) -> String {
            places.map { "`\(name($0))`" }.joined(separator: ", ")
        }
        guard places.count > CycleMachine.places.count / 2 else { return list(places) }
        return "everywhere but " + list(CycleMachine.places.filter { !places.contains($0) })
    }

    private static func alternatives(_ texts: [String]) -> String {
        var found: [String] = []
        for text in texts where !found.contains(text) { found.append(text) }
        return found.map { $0.isEmpty && found.count > 1 ? "nothing" : $0 }.joined(separator: "; or ")
    }
}

extension CycleMachine.Condition {
    fileprivate var words: String {
        switch self {
        case .always: ""
        case .unblocked: "not blocked"
        case .blocked: "blocked"
        case .running: "not paused"
        case .paused: "paused"
        case .approvalNeeded: "not blocked, approval is needed"
        case .approvalSpared: "not blocked, no approval is needed"
        }
    }
}
