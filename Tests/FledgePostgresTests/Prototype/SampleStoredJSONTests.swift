import FledgeCore
import FledgeEngine
import Foundation
import Testing

@testable import FledgePostgres

@Suite("A sample's documents, written by hand")
struct SampleStoredJSONTests {
    private static let odd = [
        "", "red", "\"\\/\u{0}\u{1}\u{8}\u{c}\u{1f}\u{7f}\r\n\t", "\\u0000", "ü🜁 e\u{301}\u{2028}\r\n",
    ]
    private static let numbers = [0, -0.0, 1, 0.1 + 0.2, -1e-9, 1e15, 1e17, .infinity, -.infinity, .nan]

    @Test("an answer is the bytes that the encoder makes of it", arguments: odd, [nil] + numbers.map(Optional.some))
    func completion(text: String, logProbability: Double?) throws {
        for (shortfall, hasTags) in [(nil, nil), (AnswerShortfall.cutOff, true)] as [(AnswerShortfall?, Bool?)] {
            let completion = Completion(
                text: text, finishReason: "stop\(text)", promptTokens: .max, cachedTokens: 0, completionTokens: -1,
                latencyMicroseconds: .max, logProbability: logProbability, shortfall: shortfall,
                hasReasoningTags: hasTags)
            #expect(try completion.storedJSON == JSONProfile.stored.text(of: completion))
        }
    }

    @Test("a count of tokens that is unknown is unknown again, and never 0", arguments: ["", "red"], [nil, 0, 5])
    func unknownCounts(text: String, count: Int?) throws {
        for prompt in [nil, 7] {
            let completion = Completion(
                text: text, finishReason: "stop", promptTokens: prompt, cachedTokens: 0, completionTokens: count,
                latencyMicroseconds: 1)
            #expect(try completion.storedJSON == JSONProfile.stored.text(of: completion))
            let stored = Data(completion.storedJSON.utf8)
            #expect(try JSONDecoder().decode(Completion.self, from: stored) == completion)
        }
    }

    @Test("scores are the bytes that the encoder makes of them", arguments: numbers)
    func scores(value: Double) throws {
        let candidate = StoresFixture.candidate("plain")
        var sample = StoresFixture.sample(candidate, ExampleID(1))
        sample.scores = ["primary": value, "accuracy": 0.5, "z \"quoted\"": 1, "length-2": -value]
        #expect(try sample.storedScores == JSONProfile.stored.text(of: sample.scores))
        sample.scores = [:]
        #expect(sample.storedScores == "{}")
    }
}
