/// The models to try.
public struct Models: UseCaseElement {
    let models: [Model]
    let line: Int

    /// Makes the list out of the models of the block.
    ///
    /// - Parameters:
    ///   - content: one `Model` or more.
    ///   - line: the line on which it is written.
    public init(line: Int = #line, @ModelsBuilder _ content: () -> [Model]) {
        self.models = content()
        self.line = line
    }

    public func lower(into definition: inout UseCaseDefinition, at path: String, noting locations: inout Locations) {
        locations.note("models", line)
        for model in models {
            locations.note("models[\(definition.models.count)]", model.line)
            definition.models.append(model.definition)
        }
    }
}

/// Collects the models of a `Models` block.
@resultBuilder
public enum ModelsBuilder: ElementBuilder {
    /// One part of the block.
    public static func buildExpression(_ model: Model) -> [Model] { [model] }

    /// Refuses what is no part of the block, and names the parts that it takes.
    @available(*, unavailable, message: "a Models block takes Model(\"name\", at: …)")
    public static func buildExpression<Other>(_ other: Other) -> [Model] { [] }
}

/// A model by the name that its server knows it by.
public struct Model: Sendable {
    let definition: ModelDefinition
    let line: Int

    /// - Parameters:
    ///   - name: the name.
    ///   - endpoint: where it is served.
    ///   - weights: what adapters of this model are trained on, where `at:` does not name it.
    ///   - price: what its tokens cost; unknown unless said.
    ///   - tried: false for a model that only judges or helps, and is no candidate to answer.
    ///   - atOnce: how many calls its server takes at once, from all daemons together.
    ///   - line: the line on which it is written.
    public init(
        _ name: String, at endpoint: ModelEndpoint, weights: WeightsDefinition? = nil, price: Price? = nil,
        tried: Bool = true, atOnce: Int? = nil, line: Int = #line
    ) {
        definition = ModelDefinition(
            name: name, endpoint: endpoint, weights: weights, price: price?.tokens, isTried: tried ? nil : false,
            callsAtOnce: atOnce)
        self.line = line
    }
}

/// What a model's tokens cost.
public struct Price: Sendable {
    let tokens: TokenPrice

    /// Prices as model servers give them.
    ///
    /// - Parameters:
    ///   - prompt: what a million tokens of questions cost.
    ///   - completion: what a million tokens of answers cost.
    public static func perMillionTokens(prompt: Money, completion: Money) -> Price {
        Price(
            tokens: TokenPrice(
                promptMicroDollarsPerMillion: prompt.microDollars,
                completionMicroDollarsPerMillion: completion.microDollars))
    }
}
