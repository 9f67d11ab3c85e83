import FledgeDocument

/// A worked example inside a prompt.
package struct Demonstration: Codable, Hashable, Sendable {
    package var inputs: [String: String]
    package var output: String

    package init(inputs: [String: String], output: String) {
        self.inputs = inputs
        self.output = output
    }
}

/// Everything that produces an answer: prompt template, demonstrations, model, decoding parameters, and an adapter or none.
package struct Candidate: Codable, Hashable, Sendable {
    /// The prompt's name in the definition, with the variation behind a slash: `few-shot/2`. Not part of the identity.
    package var name: String
    package var system: String?
    /// The user message's template, with `{{field}}` for a field of the example.
    package var user: String
    package var demonstrations: [Demonstration]
    package var model: String
    package var decoding: DecodingDefinition
    /// The labels that an answer is constrained to; nil where it is free.
    package var choices: [String]?
    package var adapter: AdapterDigest?

    package init(
        name: String, system: String?, user: String, demonstrations: [Demonstration], model: String,
        decoding: DecodingDefinition, choices: [String]?, adapter: AdapterDigest? = nil
    ) {
        self.name = name
        self.system = system
        self.user = user
        self.demonstrations = demonstrations
        self.model = model
        self.decoding = decoding
        self.choices = choices
        self.adapter = adapter
    }

    /// The content hash: SHA-256 over the canonical JSON of all but the name.
    package var id: CandidateID {
        var content = self
        content.name = ""
        return Digest(of: CanonicalJSON.text(of: content))
    }

    /// The chat messages that ask this candidate about one example.
    package func messages(for inputs: [String: String]) -> [ChatMessage] {
        var messages: [ChatMessage] = []
        let instruction = system.map { PromptTemplate($0).rendered(with: inputs) }
        if let instruction, decoding.systemRole == nil {
            messages.append(ChatMessage(role: .system, content: instruction))
        }
        let template = PromptTemplate(user)
        for demonstration in demonstrations {
            messages.append(ChatMessage(role: .user, content: template.rendered(with: demonstration.inputs)))
            messages.append(ChatMessage(role: .assistant, content: demonstration.output))
        }
        messages.append(ChatMessage(role: .user, content: template.rendered(with: inputs)))
        if let instruction, decoding.systemRole == .inUser {
            messages[0].content = instruction + "\n\n" + messages[0].content
        }
        return messages
    }
}

/// One message of a chat.
package struct ChatMessage: Codable, Hashable, Sendable {
    package enum Role: String, Codable, Sendable { case system, user, assistant }

    package var role: Role
    package var content: String

    package init(role: Role, content: String) {
        self.role = role
        self.content = content
    }
}
