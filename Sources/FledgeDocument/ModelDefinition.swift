/// A model that answers, where it is served, where its weights lie, and what it costs.
public struct ModelDefinition: Codable, Hashable, Sendable {
    public var name: String
    public var endpoint: ModelEndpoint
    /// The weights that adapters of this model are trained on, where its endpoint does not name them.
    public var weights: WeightsDefinition?
    public var price: TokenPrice?
    /// False for a model that helps (a judge) and is not itself a candidate to answer.
    public var isTried: Bool?
    /// How many calls its server takes at once, from all daemons together; absent, each daemon finds out what it bears.
    public var callsAtOnce: Int?

    public init(
        name: String, endpoint: ModelEndpoint, weights: WeightsDefinition? = nil, price: TokenPrice? = nil,
        isTried: Bool? = nil, callsAtOnce: Int? = nil
    ) {
        self.name = name
        self.endpoint = endpoint
        self.weights = weights
        self.price = price
        self.isTried = isTried
        self.callsAtOnce = callsAtOnce
    }
}

/// Tokens' price in micro-dollars (10⁻⁶ US dollars) per million tokens.
public struct TokenPrice: Codable, Hashable, Sendable {
    public var promptMicroDollarsPerMillion: Int64
    public var completionMicroDollarsPerMillion: Int64

    public init(promptMicroDollarsPerMillion: Int64, completionMicroDollarsPerMillion: Int64) {
        self.promptMicroDollarsPerMillion = promptMicroDollarsPerMillion
        self.completionMicroDollarsPerMillion = completionMicroDollarsPerMillion
    }
}
