/// Where a model is served.
public enum ModelEndpoint: Hashable, Sendable {
    /// The server that the daemon starts and supervises itself, with the packaged model of that name.
    case local
    /// The same server with these weights.
    case localWeights(WeightsDefinition, gpuLayers: GPULayers?)
    /// Any server that speaks OpenAI's chat completions at this base URL.
    case openAICompatible(url: String, key: SecretReference?)
    /// A deployment at an Azure OpenAI resource, such as `https://NAME.openai.azure.com`.
    case azureOpenAI(url: String, deployment: String, apiVersion: String, key: SecretReference?)
    /// A server that speaks OpenAI's chat completions, and takes adapters while it runs.
    case adapterServer(AdapterServer, url: String, key: SecretReference?, adapters: AdapterFolder?)

    /// The server's address; nil for a local one.
    public var url: String? {
        switch self {
        case .local, .localWeights: nil
        case .openAICompatible(let url, _), .azureOpenAI(let url, _, _, _), .adapterServer(_, let url, _, _): url
        }
    }

    public var key: SecretReference? {
        switch self {
        case .local, .localWeights: nil
        case .openAICompatible(_, let key), .azureOpenAI(_, _, _, let key), .adapterServer(_, _, let key, _): key
        }
    }

    /// Whether the daemon starts and supervises the server.
    public var isLocal: Bool {
        switch self {
        case .local, .localWeights: true
        case .openAICompatible, .azureOpenAI, .adapterServer: false
        }
    }
}

/// The servers whose way of taking adapters is known.
public enum AdapterServer: String, Codable, Hashable, Sendable, CaseIterable {
    /// vLLM.
    case vLLM
    /// SGLang.
    case sgLang
    /// LoRAX, by Predibase.
    case lorax
    /// The server of Apple's mlx-lm.
    case mlxLM
}

extension ModelEndpoint: Codable {
    private enum Key: String, CodingKey { case kind, url, key, deployment, apiVersion, weights, gpuLayers, adapters }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: Key.self)
        switch try box.decode(String.self, forKey: .kind) {
        case "local":
            let weights = try box.decodeIfPresent(WeightsDefinition.self, forKey: .weights)
            let gpuLayers = try box.decodeIfPresent(GPULayers.self, forKey: .gpuLayers)
            self = weights.map { .localWeights($0, gpuLayers: gpuLayers) } ?? .local
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
        case let other:
            guard let server = AdapterServer(rawValue: other) else {
                throw unknownKind(other, of: "model endpoint", at: Key.kind, in: box)
            }
            self = .adapterServer(
                server, url: try box.decode(String.self, forKey: .url),
                key: try box.decodeIfPresent(SecretReference.self, forKey: .key),
                adapters: try box.decodeIfPresent(AdapterFolder.self, forKey: .adapters))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: Key.self)
        switch self {
        case .local: try box.encode("local", forKey: .kind)
        case .localWeights(let weights, let gpuLayers):
            try box.encode("local", forKey: .kind)
            try box.encode(weights, forKey: .weights)
            try box.encodeIfPresent(gpuLayers, forKey: .gpuLayers)
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
        case .adapterServer(let server, let url, let key, let adapters):
            try box.encode(server.rawValue, forKey: .kind)
            try box.encode(url, forKey: .url)
            try box.encodeIfPresent(key, forKey: .key)
            try box.encodeIfPresent(adapters, forKey: .adapters)
        }
    }
}
