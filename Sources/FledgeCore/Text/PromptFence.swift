/// Puts words that are not ours into a prompt, so that they cannot pass for a part of it.
///
/// A fence is made from the hash of everything that stands between fences, so that no text can hold the line that would
/// close it.
struct PromptFence: Hashable, Sendable {
    /// None of the texts holds it.
    let mark: String

    init(for texts: [String]) {
        var mark = Digest(of: texts.joined(separator: "\u{1F}")).rawValue.prefix(16)
        while texts.contains(where: { $0.containsScalars(of: String(mark)) }) {
            mark = Digest(of: String(mark)).rawValue.prefix(16)
        }
        self.mark = String(mark)
    }

    func fenced(_ text: String, as name: String) -> String {
        "===== \(Self.inert(name)) \(mark) =====\n\(Self.inert(text))\n===== END \(mark) ====="
    }

    /// Text in which no chat template's marks are left: a server may read `<|im_end|>` as the end of the message.
    static func inert(_ text: String) -> String {
        var text = text
        for mark in JudgeGuard.chatMarks.flatMap({ [$0, $0.uppercased()] }) where text.containsScalars(of: mark) {
            text = text.replacingScalars(of: mark, with: mark.map(String.init).joined(separator: "\u{200B}"))
        }
        return text
    }
}
