import FledgeCore
import FledgeDSL
import FledgeDocument
import Foundation
import Testing

@Suite("Where a model's weights lie")
struct WeightsTests {
    private static let useCase = UseCase("small") {
        Models {
            Model("packaged", at: .local)
            Model("own", at: .local(weights: .gguf("/models/own.gguf"), gpuLayers: .all))
            Model(
                "served",
                at: .vLLM("http://gpu-1:8000/v1", adapters: .folder("/mnt/adapters", asSeenByServer: "/adapters")),
                weights: .huggingFace("/models/Served", repository: "team/Served", revision: "abc"))
            Model("apple", at: .mlxLM("http://127.0.0.1:8080/v1"))
            Model("hosted", at: .openAI(key: .env("OPENAI_API_KEY")))
        }
        FineTune { Tuned("served") }
    }

    @Test("what a definition says of weights, servers and the tuned model is written down and read again")
    func lowered() throws {
        let definition = Self.useCase.document.useCase
        #expect(
            definition.models.map(\.endpoint) == [
                .local, .localWeights(.gguf(file: "/models/own.gguf"), gpuLayers: .all),
                .adapterServer(
                    .vLLM, url: "http://gpu-1:8000/v1", key: nil,
                    adapters: AdapterFolder(path: "/mnt/adapters", asSeenByServer: "/adapters")),
                .adapterServer(.mlxLM, url: "http://127.0.0.1:8080/v1", key: nil, adapters: nil),
                .openAICompatible(url: "https://api.openai.com/v1", key: .env("OPENAI_API_KEY")),
            ])
        #expect(
            definition.models[2].weights
                == .huggingFace(folder: "/models/Served", repository: "team/Served", revision: "abc"))
        #expect(definition.fineTune?.model == "served")
        let read = try JSONDecoder().decode(UseCaseDefinition.self, from: JSONEncoder().encode(definition))
        #expect(read == definition)
        for layers in [GPULayers.all, .first(12)] {
            let endpoint = ModelEndpoint.localWeights(.gguf(file: "/w"), gpuLayers: layers)
            #expect(try JSONDecoder().decode(ModelEndpoint.self, from: JSONEncoder().encode(endpoint)) == endpoint)
        }
    }

    @Test("each kind of server that takes adapters has its word, and is read again", arguments: AdapterServer.allCases)
    func servers(kind: AdapterServer) throws {
        let (url, folder) = ("http://gpu-1:8000/v1", AdapterFolder.folder("/mnt/adapters"))
        let endpoint: ModelEndpoint =
            switch kind {
            case .vLLM: .vLLM(url, adapters: folder)
            case .sgLang: .sgLang(url, adapters: folder)
            case .lorax: .lorax(url, adapters: folder)
            case .mlxLM: .mlxLM(url, adapters: folder)
            }
        #expect(endpoint == .adapterServer(kind, url: url, key: nil, adapters: AdapterFolder(path: "/mnt/adapters")))
        #expect(try JSONDecoder().decode(ModelEndpoint.self, from: JSONEncoder().encode(endpoint)) == endpoint)
        let model = ModelDefinition(name: "m", endpoint: endpoint, weights: .gguf(file: "/m.gguf"))
        #expect(model.tuningObstacle == nil)
    }

    @Test("a packaged model and a fine-tuning that name no weights are the bytes that they were")
    func unchanged() {
        #expect(
            CanonicalJSON.text(of: ModelDefinition(name: "m", endpoint: .local))
                == #"{"endpoint":{"kind":"local"},"name":"m"}"#)
        #expect(!CanonicalJSON.text(of: FineTuneDefinition()).contains("model"))
    }

    @Test("which models can be tuned is known from the definition, and why the others cannot")
    func tunable() {
        let models = Self.useCase.document.useCase.models
        #expect(models.map { $0.tuningObstacle == nil } == [true, true, true, false, false])
        #expect(models[3].tuningObstacle?.reason == "apple's server is told no folder for adapters")
        #expect(models[4].tuningObstacle?.reason == "hosted is served where no adapter can be loaded")
        let unnamed = ModelDefinition(
            name: "v",
            endpoint: .adapterServer(.vLLM, url: "http://h/v1", key: nil, adapters: AdapterFolder(path: "/a")))
        #expect(unnamed.tuningObstacle?.reason == "it is not said where the weights of v lie")
        #expect(Self.useCase.document.useCase.tunableModels.map(\.name) == ["served"])
    }
}
