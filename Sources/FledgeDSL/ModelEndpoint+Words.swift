extension ModelEndpoint {
    /// A server that the daemon starts and supervises itself, with weights of yours.
    ///
    /// - Parameters:
    ///   - weights: the weights.
    ///   - gpuLayers: how many layers are kept on a GPU; none unless said.
    public static func local(weights: WeightsDefinition, gpuLayers: GPULayers? = nil) -> ModelEndpoint {
        .localWeights(weights, gpuLayers: gpuLayers)
    }

    /// Any server that speaks OpenAI's chat completions at this base URL, such as `https://api.example.com/v1`.
    public static func openAICompatible(_ url: String, key: SecretReference? = nil) -> ModelEndpoint {
        .openAICompatible(url: url, key: key)
    }

    /// OpenAI's own service.
    public static func openAI(key: SecretReference) -> ModelEndpoint {
        .openAICompatible(url: "https://api.openai.com/v1", key: key)
    }

    /// A deployment at an Azure OpenAI resource, such as `https://NAME.openai.azure.com`.
    ///
    /// - Parameters:
    ///   - url: the resource's address.
    ///   - deployment: the name of the deployment.
    ///   - apiVersion: the version of Azure's API, such as `2024-10-21`.
    ///   - key: where the server's key is; none unless said.
    public static func azureOpenAI(
        _ url: String, deployment: String, apiVersion: String, key: SecretReference? = nil
    ) -> ModelEndpoint {
        .azureOpenAI(url: url, deployment: deployment, apiVersion: apiVersion, key: key)
    }

    /// A vLLM server, such as `http://gpu-1:8000/v1`.
    ///
    /// - Parameters:
    ///   - url: the base URL.
    ///   - key: where the server's key is; none unless said.
    ///   - adapters: where adapters are put for it; without, it serves the model as it is.
    public static func vLLM(_ url: String, key: SecretReference? = nil, adapters: AdapterFolder? = nil) -> ModelEndpoint
    {
        .adapterServer(.vLLM, url: url, key: key, adapters: adapters)
    }

    /// An SGLang server, such as `http://gpu-1:30000/v1`.
    ///
    /// - Parameters:
    ///   - url: the base URL.
    ///   - key: where the server's key is; none unless said.
    ///   - adapters: where adapters are put for it; without, it serves the model as it is.
    public static func sgLang(
        _ url: String, key: SecretReference? = nil, adapters: AdapterFolder? = nil
    ) -> ModelEndpoint {
        .adapterServer(.sgLang, url: url, key: key, adapters: adapters)
    }

    /// A LoRAX server, such as `http://gpu-1:8080/v1`. The model's name is LoRAX's `--model-id`.
    ///
    /// - Parameters:
    ///   - url: the base URL.
    ///   - key: where the server's key is; none unless said.
    ///   - adapters: where adapters are put for it; without, it serves the model as it is.
    public static func lorax(
        _ url: String, key: SecretReference? = nil, adapters: AdapterFolder? = nil
    ) -> ModelEndpoint {
        .adapterServer(.lorax, url: url, key: key, adapters: adapters)
    }

    /// A server of mlx-lm, such as `http://127.0.0.1:8080/v1`. The model's name is the path of its folder there.
    ///
    /// - Parameters:
    ///   - url: the base URL.
    ///   - adapters: where adapters are put for it; without, it serves the model as it is.
    public static func mlxLM(_ url: String, adapters: AdapterFolder? = nil) -> ModelEndpoint {
        .adapterServer(.mlxLM, url: url, key: nil, adapters: adapters)
    }
}

extension WeightsDefinition {
    /// A folder with `config.json`, a tokenizer and `*.safetensors`.
    ///
    /// - Parameters:
    ///   - folder: its path; a relative one starts at the definition file's folder.
    ///   - repository: where it came from, such as `Qwen/Qwen2.5-7B-Instruct`: others know an adapter's base by it.
    ///   - revision: the commit there.
    public static func huggingFace(
        _ folder: String, repository: String? = nil, revision: String? = nil
    ) -> WeightsDefinition {
        .huggingFace(folder: folder, repository: repository, revision: revision)
    }

    /// A GGUF file.
    public static func gguf(_ file: String) -> WeightsDefinition { .gguf(file: file) }
}

extension AdapterFolder {
    /// A folder that the daemon writes to and the server reads from.
    ///
    /// - Parameters:
    ///   - path: its path on the daemon's machine.
    ///   - asSeenByServer: its path there, where that is another.
    public static func folder(_ path: String, asSeenByServer: String? = nil) -> AdapterFolder {
        AdapterFolder(path: path, asSeenByServer: asSeenByServer)
    }
}
