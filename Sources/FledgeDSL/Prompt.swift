/// A prompt to try: `System`, `User`, and `Demonstrations` where solved examples should go before the question.
public struct Prompt: PromptPrototypeElement {
    let name: String
    let elements: [any PromptElement]
    let line: Int

    /// Names a prompt, and says what it consists of.
    ///
    /// - Parameters:
    ///   - name: what results call it; each prompt of a definition has a name of its own.
    ///   - content: `System`, `User` and `Demonstrations`.
    ///   - line: the line on which it is written.
    public init(_ name: String, line: Int = #line, @PromptBuilder _ content: () -> [any PromptElement]) {
        self.name = name
        self.elements = content()
        self.line = line
    }

    public func lower(into stage: inout PromptPrototypeDefinition, at path: String, noting locations: inout Locations) {
        let path = "\(path).prompts[\(stage.prompts.count)]"
        locations.note(path, line)
        var prompt = PromptDefinition(name: name, user: "")
        for element in elements {
            element.lower(into: &prompt, at: path, noting: &locations)
        }
        stage.prompts.append(prompt)
    }
}

/// A part of a `Prompt` block.
public protocol PromptElement: Sendable {
    /// Adds the element to the definition in its wire form, and notes its line.
    ///
    /// - Parameters:
    ///   - prompt: what the element is added to.
    ///   - path: where that stands in the definition, such as `promptPrototype.prompts[0]`; empty for the definition
    ///     itself.
    ///   - locations: the lines that were noted, by path.
    func lower(into prompt: inout PromptDefinition, at path: String, noting locations: inout Locations)
}

/// Collects the parts of a `Prompt` block.
@resultBuilder
public enum PromptBuilder: ElementBuilder {
    /// One part of the block.
    public static func buildExpression(_ element: some PromptElement) -> [any PromptElement] { [element] }

    /// Refuses what is no part of the block, and names the parts that it takes.
    @available(*, unavailable, message: "a Prompt block takes System, User and Demonstrations")
    public static func buildExpression<Other>(_ other: Other) -> [any PromptElement] { [] }
}

/// The system message.
public struct System: PromptElement {
    let text: String
    let line: Int

    /// Sets the message.
    ///
    /// - Parameters:
    ///   - text: the message, in which `{{field}}` stands for an input of the example.
    ///   - line: the line on which it is written.
    public init(_ text: String, line: Int = #line) {
        self.text = text
        self.line = line
    }

    public func lower(into prompt: inout PromptDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).system", line)
        prompt.system = text
    }
}

/// The user message; `{{field}}` stands for an input of the example.
public struct User: PromptElement {
    let text: String
    let line: Int

    /// Sets the message.
    ///
    /// - Parameters:
    ///   - text: the message.
    ///   - line: the line on which it is written.
    public init(_ text: String, line: Int = #line) {
        self.text = text
        self.line = line
    }

    public func lower(into prompt: inout PromptDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).user", line)
        prompt.user = text
    }
}

/// How many solved examples of the prototype split go before the question.
public struct Demonstrations: PromptElement {
    let count: Int
    let line: Int

    /// Sets how many are shown.
    ///
    /// - Parameters:
    ///   - count: 0 to 10000.
    ///   - line: the line on which it is written.
    public init(_ count: Int, line: Int = #line) {
        self.count = count
        self.line = line
    }

    public func lower(into prompt: inout PromptDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).demonstrations", line)
        prompt.demonstrations = count
    }
}
