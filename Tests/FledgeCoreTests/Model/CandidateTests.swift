import FledgeCore
import FledgeDocument
import Testing

@Suite struct CandidateTests {
    private static let candidate = Candidate(
        name: "plain", system: "Be brief.", user: "{{text}}",
        demonstrations: [Demonstration(inputs: ["text": "a"], output: "x")],
        model: "small", decoding: DecodingDefinition(), choices: ["x", "y"])

    @Test("the name is no part of the identity")
    func name() {
        var other = Self.candidate
        other.name = "plain/2"
        #expect(other.id == Self.candidate.id)
    }

    @Test("every other part is")
    func everythingElse() {
        let changes: [(inout Candidate) -> Void] = [
            { $0.system = nil }, { $0.system = "Be Brief." }, { $0.user += " " }, { $0.demonstrations = [] },
            { $0.demonstrations[0].output = "y" }, { $0.demonstrations[0].inputs["text"] = "b" },
            { $0.model = "large" },
            { $0.decoding.temperature = 0.5 }, { $0.decoding.topP = 0.9 }, { $0.decoding.maxTokens = 9 },
            { $0.decoding.seed = 1 }, { $0.decoding.stop = ["\n"] }, { $0.decoding.choices = .labels },
            { $0.choices = nil },
            { $0.choices = ["y", "x"] }, { $0.adapter = Digest(of: "adapter") },
        ]
        let identities = changes.map { change in
            var other = Self.candidate
            change(&other)
            return other.id
        }
        #expect(Set(identities + [Self.candidate.id]).count == changes.count + 1)
    }

    @Test("demonstrations stand before the question, as turns of their own")
    func messages() {
        #expect(
            Self.candidate.messages(for: ["text": "q"]) == [
                ChatMessage(role: .system, content: "Be brief."), ChatMessage(role: .user, content: "a"),
                ChatMessage(role: .assistant, content: "x"), ChatMessage(role: .user, content: "q"),
            ])
    }
}

@Suite struct PromptTemplateTests {
    @Test(
        "holes are filled, and what is no hole stays",
        arguments: [
            ("a {{ text }} b", "a V b"), ("{{text}}{{text}}", "VV"), ("{{unknown}}!", "!"), ("{{text", "{{text"),
            ("}}", "}}"),
            ("{text}", "{text}"), ("", ""), ("{{}}", ""),
        ])
    func rendered(_ source: String, _ expected: String) {
        #expect(PromptTemplate(source).rendered(with: ["text": "V"]) == expected)
    }

    @Test(
        "a value that looks like a hole is not expanded", arguments: ["{{secret}}", "{{text}}", "{{", "}}{{secret}}"])
    func hostile(_ value: String) {
        #expect(PromptTemplate("<{{text}}>").rendered(with: ["text": value, "secret": "S"]) == "<\(value)>")
    }

    @Test("fields are listed once, in order of appearance")
    func fields() {
        #expect(PromptTemplate("{{b}} {{ a }} {{b}}").fields == ["b", "a"])
    }
}
