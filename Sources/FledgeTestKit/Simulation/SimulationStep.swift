/// One line of a story: a call of the store with its answer, or something else that happened.
package struct SimulationStep: Sendable, Hashable, CustomStringConvertible {
    package enum Caller: Sendable, Hashable, CustomStringConvertible {
        case daemon(Int)
        case person(Int)
        /// What was sent and arrives after its sender has given it up.
        case lateRequest

        package var description: String {
            switch self {
            case .daemon(let index): "daemon \(index)"
            case .person(let index): "person \(index)"
            case .lateRequest: "a late request"
            }
        }
    }

    package enum What: Sendable, Hashable {
        case operation(StoreOperation, StoreResult)
        case note(String)
    }

    package var at: SimulatedStore.Time
    package var who: Caller?
    package var what: What

    package var description: String {
        let time = "\(at / 1_000_000).\(String(1_000_000 + at % 1_000_000).dropFirst())"
        return switch what {
        case .operation(let operation, let result): "\(time) \(who.map { "\($0): " } ?? "")\(operation) → \(result)"
        case .note(let text): "\(time) \(text)"
        }
    }
}
