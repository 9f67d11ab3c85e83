/// Lets a model read what went wrong with a prompt and propose a better instruction.
///
/// After the reflective mutation and the system-aware merge of Agrawal et al., *GEPA*, 2025, §3.
package enum Reflection {
    /// An answer that was wrong.
    package struct Failure: Hashable, Sendable {
        package var inputs: [String: String]
        package var expected: String
        /// Nil where the call itself failed.
        package var output: String?

        package init(inputs: [String: String], expected: String, output: String?) {
            self.inputs = inputs
            self.expected = expected
            self.output = output
        }
    }

    /// Failures that are shown at once: more make the question long without making the proposal better.
    package static let failuresShown = 8
    package static let maximumTokens = 512

    /// The question that asks for one new instruction.
    package static func question(
        about parent: Candidate, purpose: String?, failures: [Failure], number: Int
    ) -> [ChatMessage] {
        var text = "A language model gets this instruction:\n<instruction>\n\(parent.system ?? "")\n</instruction>\n"
        if let purpose { text += "What it is for: \(purpose)\n" }
        if let choices = parent.choices { text += "Its answer has to be one of: \(choices.joined(separator: ", ")).\n" }
        if !failures.isEmpty {
            text += "\nThese answers were wrong:\n"
            for failure in failures.prefix(failuresShown) {
                let inputs = failure.inputs.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
                text += "- \(inputs.joined(separator: "; ")). Right: \(failure.expected). "
                text += "Given: \(failure.output.map(AnswerText.trimmed) ?? "no answer").\n"
            }
        }
        text += """

            Say to yourself what the mistakes have in common. Then write a better instruction, number \(number): general \
            rules and meanings that are missing, in your own words. Quote none of the texts above. Write only the new \
            instruction, between <instruction> and </instruction>.
            """
        return [ChatMessage(role: .user, content: text)]
    }

    /// The question that asks for one instruction out of two that are good at different examples.
    package static func merge(_ left: Candidate, _ right: Candidate) -> [ChatMessage] {
        let text = """
            Two instructions for the same task are each better than the other on some examples:
            <first>
            \(left.system ?? "")
            </first>
            <second>
            \(right.system ?? "")
            </second>
            Write one instruction that keeps what is useful in both. Write only the new instruction, between <instruction> \
            and </instruction>.
            """
        return [ChatMessage(role: .user, content: text)]
    }

    /// The instruction in a model's answer; nil where there is none, or one that is longer than a prompt should be.
    package static func instruction(in answer: String) -> String? {
        var text = answer[...]
        if let open = text.firstRange(of: "<instruction>") { text = text[open.upperBound...] }
        if let close = text.firstRange(of: "</instruction>") { text = text[..<close.lowerBound] }
        // A template's holes would be filled with the example's fields.
        let instruction = AnswerText.trimmed(String(text).replacing("{{", with: "{").replacing("}}", with: "}"))
        let words = AnswerText.words(instruction).count
        return words >= 3 && words <= 600 ? instruction : nil
    }
}
