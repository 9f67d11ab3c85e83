/// What becomes of a model's reasoning in tags before its answer.
///
/// `Reasoning(.strip)` splits it off: `<think>…</think>`, `<thinking>…</thinking>`, text before a `</think>` that was never
/// opened, and a `<think>` that was never closed, which leaves no answer. Left out, it stays in the answer.
public struct Reasoning: PromptPrototypeElement, DecodingElement {
    let handling: ReasoningHandling
    let line: Int

    /// Sets what becomes of it.
    ///
    /// - Parameters:
    ///   - handling: what is done with the reasoning.
    ///   - line: the line on which it is written.
    public init(_ handling: ReasoningHandling, line: Int = #line) {
        self.handling = handling
        self.line = line
    }

    public func lower(into stage: inout PromptPrototypeDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).reasoning", line)
    }

    func lower(into decoding: inout DecodingDefinition) { decoding.reasoning = handling }
}
