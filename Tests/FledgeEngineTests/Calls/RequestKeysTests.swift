import FledgeCore
import FledgeDocument
import Testing

@testable import FledgeEngine

@Suite("What the response cache knows a request by")
struct RequestKeysTests {
    private struct Key: Encodable {
        var request: CompletionRequest
        var revision: String
        var `repeat`: Int
    }

    private static let plain = Candidate(
        name: "plain", system: "Say \"yes\".", user: "{{text}}\n", demonstrations: [], model: "small",
        decoding: DecodingDefinition(), choices: nil)
    private static let full = Candidate(
        name: "full", system: nil, user: "{{text}}?",
        demonstrations: [Demonstration(inputs: ["text": "ä\t"], output: "x")], model: "m/1",
        decoding: DecodingDefinition(
            temperature: 0.7, topP: 0.9, maxTokens: 3, seed: .max, stop: ["\n"], choices: .labels,
            jsonSchema: #"{"type":"string"}"#, logprobs: true),
        choices: ["x", "y"], adapter: Digest(of: "adapter"))

    @Test(
        "it is the hash of the canonical JSON of request, weights and repeat", arguments: [Self.plain, Self.full],
        [0, 3])
    func digest(candidate: Candidate, number: Int) {
        var keys = RequestKeys(revision: "small@\"here\"")
        for text in ["first", "second \\ \u{7}"] {
            let example = Example(
                id: ExampleID(1), row: 1, split: .prototype, group: "g", inputs: ["text": text], expected: "x",
                fields: [:])
            let call = PlannedCall(candidate: candidate, candidateID: candidate.id, example: example, repeat: number)
            let request = CompletionRequest(asking: candidate, about: example)
            let key = Key(request: request, revision: "small@\"here\"", repeat: number)
            #expect(keys.digest(of: request, for: call) == Digest(of: CanonicalJSON.text(of: key)))
        }
    }
}
