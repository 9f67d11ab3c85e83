/// A model that answers, where it is served, and what it costs.
public struct ModelDefinition: Codable, Hashable, Sendable {
    public var name: String
    public var endpoint: ModelEndpoint
    public var price: TokenPrice?
    /// False for a model that helps (a judge) and is not itself a candidate to answer.
    public var isTried: Bool?
    /// How many calls its server takes at once, from all daemons together; absent, each daemon finds out what it bears.
    public var callsAtOnce: Int?

    public init(
        name: String, endpoint: ModelEndpoint, price: TokenPrice? = nil, isTried: Bool? = nil, callsAtOnce: Int? = nil
    ) {
        self.name = name
        self.endpoint = endpoint
        self.price = price
        self.isTried = isTried
        self.callsAtOnce = callsAtOnce
    }
}

/// Where a model is served.
public enum ModelEndpoint: Hashable, Sendable {
    /// The server that the daemon starts and supervises itself.
    case local
    /// Any server that speaks OpenAI's chat completions at this base URL.
    case openAICompatible(url: String, key: SecretReference?)
    /// A deployment at an Azure OpenAI resource, such as `https://NAME.openai.azure.com`.
    case azureOpenAI(url: String, deployment: String, apiVersion: String, key: SecretReference?)

    /// The server's address; nil for the local one.
    public var url: String? {
        switch self {
        case .local: nil
        case .openAICompatible(let url, _), .azureOpenAI(let url, _, _, _): url
        }
    }

    public var key: SecretReference? {
        switch self {
        case .local: nil
        case .openAICompatible(_, let key), .azureOpenAI(_, _, _, let key): key
        }
    }
}

extension ModelEndpoint: Codable {
    private enum Key: String, CodingKey { case kind, url, key, deployment, apiVersion }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: Key.self)
        switch try box.decode(String.self, forKey: .kind) {
        case "local": self = .local
        case "openAICompatible":
            self = .openAICompatible(
                url: try box.decode(String.self, forKey: .url),
                key: try box.decodeIfPresent(SecretReference.self, forKey: .key))
        case "azureOpenAI":
            self = .azureOpenAI(
                url: try box.decode(String.self, forKey: .url),
                deployment: try box.decode(String.self, forKey: .deployment),
                apiVersion: try box.decode(String.self, forKey: .apiVersion),
                key: try box.decodeIfPresent(SecretReference.self, forKey: .key))
        case let other: throw unknownKind(other, of: "model endpoint", at: Key.kind, in: box)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: Key.self)
        switch self {
        case .local: try box.encode("local", forKey: .kind)
        case .openAICompatible(let url, let key):
            try box.encode("openAICompatible", forKey: .kind)
            try box.encode(url, forKey: .url)
            try box.encodeIfPresent(key, forKey: .key)
        case .azureOpenAI(let url, let deployment, let apiVersion, let key):
            try box.encode("azureOpenAI", forKey: .kind)
            try box.encode(url, forKey: .url)
            try box.encode(deployment, forKey: .deployment)
            try box.encode(apiVersion, forKey: .apiVersion)
            try box.encodeIfPresent(key, forKey: .key)
        }
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
