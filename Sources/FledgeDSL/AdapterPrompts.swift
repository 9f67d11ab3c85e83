/// How many prompts are compared on the adapter after training, the one that it was trained with among them.
///
/// Prompts and weights help each other: the best prompt for the base model need not be the adapter's best. With 1 the
/// adapter goes to the gate with the prompt that it was trained with.
public struct AdapterPrompts: FineTuneElement {
    let maximum: Int
    let line: Int

    /// Compares at most so many prompts.
    ///
    /// - Parameters:
    ///   - maximum: 1 to 16; each is scored on the adapter.
    ///   - line: the line on which it is written.
    public init(atMost maximum: Int, line: Int = #line) {
        self.maximum = maximum
        self.line = line
    }

    public func lower(into fineTune: inout FineTuneDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).adapterPrompts", line)
        fineTune.adapterPrompts = maximum
    }
}
