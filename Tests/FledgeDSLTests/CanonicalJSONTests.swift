import FledgeDocument
import Foundation
import Testing

@Suite struct CanonicalJSONTests {
    @Test("keys are sorted, text is compact, and numbers have one spelling")
    func canonical() {
        let value = CanonicalJSON.object([
            "b": .array([.double(1), .double(0.001), .double(0.1), .signed(-3), .null, .bool(true)]),
            "a": .string("line\n\"quoted\" \\ \u{1} ü"),
            "c": .unsigned(.max),
        ])
        #expect(
            value.text
                == #"{"a":"line\n\"quoted\" \\ \u0001 ü","b":[1,0.001,0.1,-3,null,true],"c":18446744073709551615}"#)
    }

    @Test("numbers that JSON lacks are written so that validation can report them")
    func nonFinite() throws {
        let criterion = CriterionDefinition(metric: .accuracy, bound: .atLeast(.nan), confidence: .infinity)
        let text = CanonicalJSON.text(of: criterion)
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        let read = try decoder.decode(CriterionDefinition.self, from: Data(text.utf8))
        #expect(read.bound.value.isNaN)
        #expect(read.confidence == .infinity)
    }

    static let metrics: [MetricDefinition] = [
        .exactMatch, .normalizedMatch, .accuracy, .macroF1, .tokenF1, .regularExpression(#"^\d+$"#),
        .jsonField("price.amount"),
        .numeric(tolerance: 0.01), .validOutput, .consistency(repeats: 3, examples: nil),
        .consistency(repeats: 3, examples: 20), .latency(percentile: .p95), .costPerThousandCalls, .tokensPerCall,
    ]

    @Test("every metric reads back as it was", arguments: metrics)
    func metric(_ metric: MetricDefinition) throws {
        let text = CanonicalJSON.text(of: metric)
        #expect(try JSONDecoder().decode(MetricDefinition.self, from: Data(text.utf8)) == metric)
    }

    @Test("metrics are stored as they always were")
    func storedMetrics() {
        let stored: [(MetricDefinition, String)] = [
            (.exactMatch, #"{"kind":"exactMatch"}"#), (.normalizedMatch, #"{"kind":"normalizedMatch"}"#),
            (.accuracy, #"{"kind":"accuracy"}"#), (.macroF1, #"{"kind":"macroF1"}"#),
            (.tokenF1, #"{"kind":"tokenF1"}"#),
            (.regularExpression("a"), #"{"kind":"regularExpression","pattern":"a"}"#),
            (.jsonField("a"), #"{"field":"a","kind":"jsonField"}"#),
            (.jsonField("a", .exact), #"{"comparison":"exact","field":"a","kind":"jsonField"}"#),
            (.numeric(tolerance: 0.5), #"{"kind":"numeric","tolerance":0.5}"#),
            (.validOutput, #"{"kind":"validOutput"}"#),
            (.consistency(repeats: 3, examples: nil), #"{"kind":"consistency","repeats":3}"#),
            (.consistency(repeats: 3, examples: 20), #"{"examples":20,"kind":"consistency","repeats":3}"#),
            (.latency(percentile: .p95), #"{"kind":"latency","percentile":95}"#),
            (.costPerThousandCalls, #"{"kind":"costPerThousandCalls"}"#),
            (.tokensPerCall, #"{"kind":"tokensPerCall"}"#),
        ]
        for (metric, text) in stored { #expect(CanonicalJSON.text(of: metric) == text) }
    }

    @Test("an unknown kind is refused by its name")
    func unknownKind() {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Recurrence.self, from: Data(#"{"kind":"hourly"}"#.utf8))
        }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(SecretReference.self, from: Data(#""sk-canary""#.utf8))
        }
    }
}
