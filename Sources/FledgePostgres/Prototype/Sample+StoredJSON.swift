import FledgeCore
import FledgeEngine

// Every model call passes here, so its two documents are written by hand; they are the same bytes that `StoredJSON` makes.

extension Sample {
    var storedScores: String {
        var text = JSONBytes(escapes: .short)
        let members = scores.map { (key: $0.key.storable, value: $0.value) }.sorted { $0.key < $1.key }
        text.object(members) { $1.storedNumber($0) }
        return text.text
    }
}

extension Completion {
    var storedJSON: String {
        var json = JSONBytes(escapes: .short)
        json.raw(
            "{\"cachedTokens\":\(cachedTokens),\"completionTokens\":\(completionTokens ?? 0),\"finishReason\":")
        json.string(finishReason.storable)
        if let hasReasoningTags { json.raw(",\"hasReasoningTags\":\(hasReasoningTags)") }
        if isCountUnsaid { json.raw(",\"isCountUnsaid\":true") }
        json.raw(",\"latencyMicroseconds\":\(latencyMicroseconds)")
        if let logProbability {
            json.raw(",\"logProbability\":")
            json.storedNumber(logProbability)
        }
        json.raw(",\"promptTokens\":\(promptTokens ?? 0)")
        if let shortfall { json.raw(",\"shortfall\":\"\(shortfall.rawValue)\"") }
        json.raw(",\"text\":")
        json.string(text.storable)
        json.raw("}")
        return json.text
    }
}

extension JSONBytes {
    /// Numbers that JSON lacks are strings, as everywhere in `jsonb` columns.
    fileprivate mutating func storedNumber(_ value: Double) {
        if value.isFinite {
            number(value)
        } else {
            string(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
        }
    }
}
