import FledgeDocument

/// How far ahead of other use cases' work this one's goes: 0, as without it, to 9.
///
/// One step is worth one minute of waiting, so that even a flood of urgent work starves nobody.
public struct Priority: UseCaseElement {
    let steps: Int
    let line: Int

    /// Sets the use case's priority.
    ///
    /// - Parameters:
    ///   - steps: 0 to 9.
    ///   - line: the line on which it is written.
    public init(_ steps: Int, line: Int = #line) {
        self.steps = steps
        self.line = line
    }

    public func lower(into definition: inout UseCaseDefinition, at path: String, noting locations: inout Locations) {
        locations.note("priority", line)
        definition.priority = steps
    }
}
