import FledgeCore

/// How many use cases a page has: at least one, and ``largest`` where more are asked for.
package struct PageLimit: Codable, Hashable, Sendable {
    package static let largest = 10_000

    package let value: Int

    package init(_ value: Int) { self.value = min(value, Self.largest) }

    /// - Throws: `request.bad_limit`.
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let limit = Int(text), limit > 0 else {
            throw FledgeError("request.bad_limit", "\(text) is no number of use cases")
        }
        self.init(limit)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}

/// How many of something are wanted. A text that is no number is taken for none.
package struct CountHint: Codable, Hashable, Sendable {
    package let value: Int?

    package init(_ value: Int) { self.value = value }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        value = Int(text)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}

/// States of open work, as in `dead-queued`.
package struct OpenWorkStates: Codable, Hashable, Sendable {
    package let states: [WorkState]

    package init(_ states: [WorkState]) { self.states = states }

    /// - Throws: `work.unknown_state`.
    package init(from decoder: any Decoder) throws {
        let names = try decoder.singleValueContainer().decode(String.self).split(separator: "-").map(String.init)
        states = try names.map { name in
            guard let state = WorkState(rawValue: name), WorkState.open.contains(state) else {
                throw FledgeError(
                    "work.unknown_state", "\(name) is not a state of open work",
                    hint: "one of " + WorkState.open.map(\.rawValue).joined(separator: ", "))
            }
            return state
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(states.map(\.rawValue).joined(separator: "-"))
    }
}
