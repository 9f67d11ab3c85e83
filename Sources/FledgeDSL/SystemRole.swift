/// Where the system message of every prompt goes.
///
/// `SystemRole(.inUser)` puts it before the text of the first user message, for models whose chat template refuses a
/// system message. Left out, it is a message of its own.
public struct SystemRole: PromptPrototypeElement, DecodingElement {
    let handling: SystemRoleHandling
    let line: Int

    /// Sets where it goes.
    ///
    /// - Parameters:
    ///   - handling: where the system message goes.
    ///   - line: the line on which it is written.
    public init(_ handling: SystemRoleHandling, line: Int = #line) {
        self.handling = handling
        self.line = line
    }

    public func lower(into stage: inout PromptPrototypeDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).systemRole", line)
    }

    func lower(into decoding: inout DecodingDefinition) { decoding.systemRole = handling }
}

/// An element that says a part of what `Decoding` says the rest of, wherever that stands.
protocol DecodingElement {
    /// Adds the element to the definition in its wire form, and notes its line.
    ///
    /// - Parameters:
    ///   - decoding: what the element is added to.
    ///   - path: where that stands in the definition, such as `promptPrototype.prompts[0]`; empty for the definition
    ///     itself.
    ///   - locations: the lines that were noted, by path.
    func lower(into decoding: inout DecodingDefinition)
}
