/// Where the system message of every prompt goes.
///
/// `SystemRole(.inUser)` puts it before the text of the first user message, for models whose chat template refuses a
/// system message. Left out, it is a message of its own.
public struct SystemRole: PromptPrototypeElement, DecodingElement {
    let handling: SystemRoleHandling
    let line: Int

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
    func lower(into decoding: inout DecodingDefinition)
}
