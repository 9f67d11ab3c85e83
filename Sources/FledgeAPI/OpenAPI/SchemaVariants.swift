import FledgeCore
import FledgeDocument

/// One form of a type that has several.
package enum SchemaVariant: Hashable, Sendable {
    /// An object with this one key, as enumerations have it whose cases carry values.
    case key(String)
    /// An object whose member `kind` says this.
    case kind(String)

    static let kindKey = "kind"
}

/// A type whose values are written in several forms.
package protocol SchemaVariants: Codable {
    /// Every form once.
    static var variants: [SchemaVariant] { get }
}

extension SchemaVariants {
    fileprivate static func kinds(_ kinds: String...) -> [SchemaVariant] { kinds.map(SchemaVariant.kind) }
    fileprivate static func keys(_ keys: String...) -> [SchemaVariant] { keys.map(SchemaVariant.key) }
}

extension CycleCommand: SchemaVariants {
    package static var variants: [SchemaVariant] {
        keys("approve", "reject", "pause", "resume", "retry", "cancel", "retire")
    }
}

extension JobSettlement: SchemaVariants {
    package static var variants: [SchemaVariant] { keys("notSubmitted", "running", "failed") }
}

extension Bound: SchemaVariants {
    package static var variants: [SchemaVariant] { kinds("atLeast", "atMost") }
}

extension MetricDefinition: SchemaVariants {
    package static var variants: [SchemaVariant] { Kind.allCases.map { .kind($0.rawValue) } }
}

extension PerturbationDefinition: SchemaVariants {
    package static var variants: [SchemaVariant] { kinds("case", "typos", "reorderedChoices", "paraphrase") }
}

extension SearchStrategy: SchemaVariants {
    package static var variants: [SchemaVariant] { kinds("grid", "edits", "demonstrations", "reflect") }
}

extension AdvanceCondition: SchemaVariants {
    package static var variants: [SchemaVariant] { kinds("criterion", "plateau") }
}

extension ChoiceConstraint: SchemaVariants {
    package static var variants: [SchemaVariant] { kinds("none", "labels", "list") }
}

extension Recurrence: SchemaVariants {
    package static var variants: [SchemaVariant] { kinds("daily", "weekly", "monthly") }
}

extension WeightsDefinition: SchemaVariants {
    package static var variants: [SchemaVariant] { kinds("huggingFace", "gguf") }
}

extension ModelEndpoint: SchemaVariants {
    package static var variants: [SchemaVariant] {
        kinds("local", "openAICompatible", "azureOpenAI") + AdapterServer.allCases.map { .kind($0.rawValue) }
    }
}
