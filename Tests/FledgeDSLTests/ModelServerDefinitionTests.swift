import FledgeDSL
import FledgeDocument
import Foundation
import Testing

@Suite("What a definition says of model servers")
struct ModelServerDefinitionTests {
    @Test("where the system message goes and what becomes of reasoning are a part of the decoding, wherever they stand")
    func decoding() throws {
        let useCase = UseCase("x") {
            PromptPrototype {
                SystemRole(.inUser)
                Decoding(maxTokens: 7)
                Reasoning(.strip)
            }
        }
        let document = useCase.document
        let decoding = try #require(document.useCase.promptPrototype?.decoding)
        #expect(decoding == DecodingDefinition(maxTokens: 7, systemRole: .inUser, reasoning: .strip))
        #expect(document.useCase.promptPrototype?.decoding.maxTokens == 7)
    }

    @Test("a definition without them is the bytes that it was")
    func unchanged() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = String(decoding: try encoder.encode(DecodingDefinition()), as: UTF8.self)
        #expect(text == #"{"choices":{"kind":"none"},"maxTokens":256,"stop":[],"temperature":0}"#)
    }

    @Test("a deployment at Azure is written down and read again")
    func azure() throws {
        let endpoint = ModelEndpoint.azureOpenAI(
            "https://n.openai.azure.com", deployment: "d", apiVersion: "2024-10-21", key: .env("AZURE_KEY"))
        let json = try JSONEncoder().encode(endpoint)
        #expect(try JSONDecoder().decode(ModelEndpoint.self, from: json) == endpoint)
        #expect(endpoint.url == "https://n.openai.azure.com" && endpoint.key == .env("AZURE_KEY"))
        #expect(ModelEndpoint.local.url == nil && ModelEndpoint.local.key == nil)
    }
}
