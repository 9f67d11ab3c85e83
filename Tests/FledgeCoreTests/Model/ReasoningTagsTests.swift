import FledgeCore
import FledgeDocument
import Testing

@Suite("Reasoning in tags, and where an instruction goes")
struct ReasoningTagsTests {
    @Test(
        "the answer is what comes after the reasoning",
        arguments: [
            ("<think>\nmaybe a\n</think>\n\nb", "b", true), ("  <thinking>x</thinking>b", "b", true),
            ("maybe a\n</think>\nb", "b", true), ("<think></think>b", "b", true), ("<think>a, or", "", false),
            ("<think>a</think>", "", true), ("<think>a</think>b</think>c", "b</think>c", true),
        ])
    func split(text: String, answer: String, isClosed: Bool) throws {
        let tags = try #require(ReasoningTags(text))
        #expect(tags.answer == answer && tags.isClosed == isClosed)
    }

    @Test(
        "a text without them, or that speaks of them, is an answer as it stands",
        arguments: ["", "b", "use <think> here", "use <think>x</think> here", "a < b", "</thinker>"])
    func none(text: String) {
        #expect(ReasoningTags(text) == nil)
    }

    @Test("an instruction goes before the first user message where that is declared, also before a demonstration")
    func systemRole() {
        var candidate = Candidate(
            name: "p", system: "Say a or b.", user: "{{x}}",
            demonstrations: [Demonstration(inputs: ["x": "1"], output: "a")], model: "m",
            decoding: DecodingDefinition(), choices: nil)
        let plain = candidate.id
        #expect(candidate.messages(for: ["x": "2"]).map(\.role) == [.system, .user, .assistant, .user])
        candidate.decoding.systemRole = .inUser
        let messages = candidate.messages(for: ["x": "2"])
        #expect(messages.map(\.role) == [.user, .assistant, .user])
        #expect(messages.map(\.content) == ["Say a or b.\n\n1", "a", "2"])
        #expect(candidate.id != plain)
    }

    @Test("every shortfall has a next step")
    func shortfalls() {
        for shortfall in AnswerShortfall.allCases { #expect(!shortfall.advice.isEmpty) }
        #expect(
            AnswerShortfall.allCases.filter(\.isMendable) == [.cutOff, .reasoningOnly, .reasoningTags, .unreadable])
    }
}
