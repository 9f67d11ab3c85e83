import FledgeCore
import FledgeEngine

// Every model call passes here, so its two documents are written by hand, in 0.24 of the time of Foundation's encoder
// (`FledgeBench json`); they are the bytes that `JSONProfile.stored` makes.

extension Sample {
    package var storedScores: String {
        var text = JSONBytes(.stored)
        text.object(scores.sorted { $0.key < $1.key }) { $1.number($0) }
        return text.text
    }
}

extension Completion {
    package var storedJSON: String {
        var json = JSONBytes(.stored)
        json.raw(
            "{\"cachedTokens\":\(cachedTokens),\"completionTokens\":\(completionTokens ?? 0),\"finishReason\":")
        json.string(finishReason)
        if let hasReasoningTags { json.raw(",\"hasReasoningTags\":\(hasReasoningTags)") }
        if isCountUnsaid { json.raw(",\"isCountUnsaid\":true") }
        json.raw(",\"latencyMicroseconds\":\(latencyMicroseconds)")
        if let logProbability {
            json.raw(",\"logProbability\":")
            json.number(logProbability)
        }
        json.raw(",\"promptTokens\":\(promptTokens ?? 0)")
        if let shortfall { json.raw(",\"shortfall\":\"\(shortfall.rawValue)\"") }
        json.raw(",\"text\":")
        json.string(text)
        json.raw("}")
        return json.text
    }
}
