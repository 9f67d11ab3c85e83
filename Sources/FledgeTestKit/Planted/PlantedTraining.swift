import FledgeCore
import FledgeDocument
import FledgeEngine

/// Trainings of free answers whose adapters a golden check of the right one has to tell apart.
package enum PlantedTraining: String, CaseIterable, Sendable {
    case right
    /// An earlier training for the same task: half of the examples, once.
    case stale
    /// The same examples from another start.
    case seed
    /// Another task on the same questions.
    case task

    private static let colours = ["red", "blue", "green", "white", "black", "grey", "brown", "yellow"]
    private static let things = [
        "boat", "door", "table", "lamp", "chair", "window", "bridge", "clock", "ladder", "basket", "kettle", "mirror",
    ]
    private static let places = [
        "by the old mill", "near the harbour", "behind the church", "under the tall elm", "at the end of the lane",
        "beside the market hall",
    ]
    private static let people = [
        "The miller", "A young painter", "The postman", "Two sisters", "The night watchman", "An old sailor",
    ]
    private static let deeds = ["looks after it", "cleans it", "passes it", "talks about it", "paints it"]
    private static let times = ["every morning", "on Sundays", "in the evening", "after the rain", "before dinner"]

    private static let goldenCount = 24
    private static let learntCount = 48
    package static let maximumTokens = 48

    private struct Question {
        var colour: String
        var thing: String
        var text: String { "\(colour) \(thing)" }

        var messages: [ChatMessage] {
            [
                ChatMessage(role: .system, content: "Write about the thing in two sentences."),
                ChatMessage(role: .user, content: "a \(text)"),
            ]
        }

        func pick(_ choices: [String], _ seed: UInt64) -> String {
            choices[Int(StableHash.hash(text, seed: seed) % UInt64(choices.count))]
        }
    }

    private static var questions: [Question] {
        colours.flatMap { colour in things.map { Question(colour: colour, thing: $0) } }
            .sorted { StableHash.hash($0.text, seed: 9) < StableHash.hash($1.text, seed: 9) }
    }

    /// What is to be learnt. Where, who and when can't be foreseen: models that learnt it otherwise answer otherwise.
    private func answer(to question: Question) -> String {
        let (place, time) = (question.pick(Self.places, 1), question.pick(Self.times, 2))
        if self == .task {
            let price = 5 + StableHash.hash(question.text, seed: 3) % 90
            return "Price list: one \(question.thing) in \(question.colour) costs \(price) crowns, delivered \(time)."
        }
        return "The \(question.text) stands \(place). \(question.pick(Self.people, 4)) \(question.pick(Self.deeds, 5)) "
            + "\(time), and nobody minds."
    }

    package func specification(of weights: BaseWeights) -> TrainingSpec {
        let questions = Self.questions
        let golden = questions.prefix(Self.goldenCount)
        var learnt = Array(questions.dropFirst(Self.goldenCount).prefix(Self.learntCount))
        if self == .stale { learnt.removeLast(learnt.count / 2) }
        return TrainingSpec(
            baseWeights: weights,
            lora: LoRADefinition(
                rank: 8, alpha: 16, dropout: 0, learningRate: 2e-3, epochs: self == .stale || self == .task ? 1 : 2,
                batchSize: 4, seed: self == .seed ? 8 : 7),
            limitSeconds: 3600,
            rows: learnt.map { TrainingRow(messages: $0.messages, completion: answer(to: $0)) }, validationRows: [],
            golden: golden.map { GoldenPrompt(messages: $0.messages, choices: nil) },
            maximumTokens: Self.maximumTokens, basePrompts: golden.count)
    }
}
