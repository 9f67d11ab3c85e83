import FledgeCore

// What endpoints are asked with. A property's key says where it stands: see ``Endpoint``.

/// A request that has a body.
package protocol BodyCarrying {
    associatedtype Body: Codable & Sendable
    var body: Body { get }
}

/// Nothing at all.
package struct EmptyRequest: Codable, Hashable, Sendable {
    package init() {}
}

/// A body alone.
package struct BodyRequest<Body: Codable & Sendable>: BodyCarrying, Codable, Sendable {
    package var body: Body

    package init(_ body: Body) { self.body = body }
}

/// What the path names, such as a use case or a token.
package struct NamedRequest: Codable, Hashable, Sendable {
    package var name: String

    package init(name: String) { self.name = name }
}

/// What is to be done with the use case of the path.
package struct NamedBodyRequest<Body: Codable & Sendable>: BodyCarrying, Codable, Sendable {
    package var name: String
    package var body: Body

    package init(name: String, _ body: Body) {
        self.name = name
        self.body = body
    }
}

/// What the path names by its number, such as a training job.
package struct NumberedRequest<Subject>: Codable, Hashable, Sendable {
    package var id: Int64

    package init(_ id: Identifier<Subject>) { self.id = id.rawValue }

    package var identifier: Identifier<Subject> { Identifier(id) }
}

/// What is to be done with the numbered thing of the path.
package struct NumberedBodyRequest<Subject, Body: Codable & Sendable>: BodyCarrying, Codable, Sendable {
    package var id: Int64
    package var body: Body

    package init(_ id: Identifier<Subject>, _ body: Body) {
        self.id = id.rawValue
        self.body = body
    }

    package var identifier: Identifier<Subject> { Identifier(id) }
}

/// What belongs to a use case, or to any.
package struct ListRequest: Codable, Hashable, Sendable {
    /// Nil for all.
    package var useCase: String?

    package init(useCase: String?) { self.useCase = useCase }

    private enum CodingKeys: String, CodingKey { case useCase = "use-case" }
}

/// A page of use cases in the order of their names.
package struct PageRequest: Codable, Hashable, Sendable {
    /// Nil for all at once, which clients of before there were pages ask for.
    package var limit: PageLimit?
    /// Those behind this name; nil from the first on.
    package var after: String?

    package init(limit: PageLimit?, after: String?) {
        self.limit = limit
        self.after = after
    }
}

/// One decision of a use case.
package struct DecisionRequest: Codable, Hashable, Sendable {
    package var name: String
    package var number: Int

    package init(name: String, number: Int) {
        self.name = name
        self.number = number
    }
}

/// A release that is to be sent.
package struct ExportRequest: Codable, Hashable, Sendable {
    package var name: String
    /// Nil for the champion.
    package var number: Int?

    package init(name: String, number: Int?) {
        self.name = name
        self.number = number
    }
}

/// Answers for a person to label.
package struct LabelSheetRequest: Codable, Hashable, Sendable {
    package var name: String
    package var count: CountHint?
    /// Who labels; nil, or empty, for the caller.
    package var actor: String?
    /// The judge's name; nil where the definition has one only.
    package var metric: String?

    package init(name: String, count: Int, actor: String, metric: String?) {
        self.name = name
        self.count = CountHint(count)
        self.actor = actor
        self.metric = metric
    }
}

/// Open work.
package struct WorkRequest: Codable, Hashable, Sendable {
    /// Nil for all that are open.
    package var states: OpenWorkStates?
    /// At most so many of each state.
    package var limit: CountHint?
    /// Nil for that of all use cases.
    package var useCase: String?

    package init(states: [WorkState], limit: Int, useCase: String?) {
        self.states = states.isEmpty ? nil : OpenWorkStates(states)
        self.limit = CountHint(limit)
        self.useCase = useCase
    }

    private enum CodingKeys: String, CodingKey {
        case states, limit
        case useCase = "use-case"
    }
}
