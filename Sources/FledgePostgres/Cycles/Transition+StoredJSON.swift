import FledgeCore
import FledgeEngine

// Every transition writes both documents, so they are written by hand, in 0.09 of the time of Foundation's encoder
// (`FledgeBench json`); the bytes are those that `JSONProfile.stored` makes.

extension CycleState {
    package var storedJSON: String {
        var json = JSONBytes(.stored)
        json.raw("{\"activity\":\"\(activity.rawValue)\"")
        if let block {
            json.raw(",\"block\":{\"code\":")
            json.string(block.code)
            json.raw(",\"message\":")
            json.string(block.message)
            json.raw("}")
        }
        if let candidate { json.raw(",\"candidate\":\"\(candidate.rawValue)\"") }
        json.raw(isPaused ? ",\"isPaused\":true" : ",\"isPaused\":false")
        json.raw(
            ",\"looks\":\(looks),\"round\":\(round),\"stage\":\"\(stage.rawValue)\",\"trainings\":\(trainings)}")
        return json.text
    }
}

extension CycleAction {
    package var storedJSON: String {
        switch self {
        case .runExperiment(let round): "{\"runExperiment\":{\"round\":\(round)}}"
        case .judgeGate(let candidate, let look):
            "{\"judgeGate\":{\"_0\":\"\(candidate.rawValue)\",\"look\":\(look)}}"
        case .decide(let candidate, let look):
            "{\"decide\":{\"_0\":\"\(candidate.rawValue)\",\"look\":\(look)}}"
        case .train(let attempt): "{\"train\":{\"attempt\":\(attempt)}}"
        case .comparePrompts(let candidate, let attempt):
            "{\"comparePrompts\":{\"_0\":\"\(candidate.rawValue)\",\"attempt\":\(attempt)}}"
        case .makeRelease(let candidate): "{\"makeRelease\":{\"_0\":\"\(candidate.rawValue)\"}}"
        case .notify(let subject):
            "{\"notify\":{\"_0\":\(JSONBytes.string(subject, .stored))}}"
        }
    }
}
