/// Small training runs at growing sizes, made before the decision to fine-tune, to see what more examples would bring.
public struct Pilot: FineTuneElement {
    let definition: PilotDefinition
    let line: Int

    /// Sets what is trained.
    ///
    /// - Parameters:
    ///   - sizes: numbers of training examples, one training for each size and seed.
    ///   - seeds: seeds of the trainings; that of `LoRA` unless said.
    ///   - line: the line on which it is written.
    public init(sizes: Int..., seeds: [UInt64] = [], line: Int = #line) {
        definition = PilotDefinition(sizes: sizes, seeds: seeds)
        self.line = line
    }

    public func lower(into fineTune: inout FineTuneDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).pilot", line)
        fineTune.pilot = definition
    }
}
