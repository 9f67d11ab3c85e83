/// The labelled examples: a CSV or JSON Lines file. A relative path starts at the definition file's folder.
public struct Dataset: UseCaseElement {
    let path: String
    let elements: [any DatasetElement]
    let line: Int

    /// Names the data file, and says what its fields are.
    ///
    /// - Parameters:
    ///   - path: the file's path.
    ///   - content: `Input`, `Expected`, `Split` and the other parts of the block.
    ///   - line: the line on which it is written.
    public init(_ path: String, line: Int = #line, @DatasetBuilder _ content: () -> [any DatasetElement]) {
        self.path = path
        self.elements = content()
        self.line = line
    }

    public func lower(into definition: inout UseCaseDefinition, at path: String, noting locations: inout Locations) {
        locations.note("dataset", line)
        var dataset = DatasetDefinition(path: self.path, inputs: [], expected: "")
        for element in elements {
            element.lower(into: &dataset, at: "dataset", noting: &locations)
        }
        definition.dataset = dataset
    }
}

/// A part of a `Dataset` block.
public protocol DatasetElement: Sendable {
    /// Adds the element to the definition in its wire form, and notes its line.
    ///
    /// - Parameters:
    ///   - dataset: what the element is added to.
    ///   - path: where that stands in the definition, such as `promptPrototype.prompts[0]`; empty for the definition
    ///     itself.
    ///   - locations: the lines that were noted, by path.
    func lower(into dataset: inout DatasetDefinition, at path: String, noting locations: inout Locations)
}

/// Collects the parts of a `Dataset` block.
@resultBuilder
public enum DatasetBuilder: ElementBuilder {
    /// One part of the block.
    public static func buildExpression(_ element: some DatasetElement) -> [any DatasetElement] { [element] }

    /// Refuses what is no part of the block, and names the parts that it takes.
    @available(
        *, unavailable,
        message: "a Dataset block takes Input, Expected, Preferences, Group, Split, LeakPolicy and PersonalData"
    )
    public static func buildExpression<Other>(_ other: Other) -> [any DatasetElement] { [] }
}

/// A field that prompts may use as `{{field}}`.
public struct Input: DatasetElement {
    let field: String
    let line: Int

    /// Names a field.
    ///
    /// - Parameters:
    ///   - field: a column's header in CSV, a member's name in JSON Lines.
    ///   - line: the line on which it is written.
    public init(_ field: String, line: Int = #line) {
        self.field = field
        self.line = line
    }

    public func lower(into dataset: inout DatasetDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).inputs[\(dataset.inputs.count)]", line)
        dataset.inputs.append(field)
    }
}

/// The field that holds the right answer.
public struct Expected: DatasetElement {
    let field: String
    let line: Int

    /// Names a field.
    ///
    /// - Parameters:
    ///   - field: a column's header in CSV, a member's name in JSON Lines.
    ///   - line: the line on which it is written.
    public init(_ field: String, line: Int = #line) {
        self.field = field
        self.line = line
    }

    public func lower(into dataset: inout DatasetDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).expected", line)
        dataset.expected = field
    }
}

/// The fields that hold a better and a worse answer to the same inputs. Fine-tuning learns, after the expected answers,
/// to give the one rather than the other. A row has both or neither.
public struct Preferences: DatasetElement {
    let definition: PreferencesDefinition
    let line: Int

    /// Names the two fields.
    ///
    /// - Parameters:
    ///   - chosen: the field with the better answer.
    ///   - rejected: the field with the worse answer.
    ///   - line: the line on which it is written.
    public init(chosen: String, rejected: String, line: Int = #line) {
        definition = PreferencesDefinition(chosen: chosen, rejected: rejected)
        self.line = line
    }

    public func lower(into dataset: inout DatasetDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).preferences", line)
        dataset.preferences = definition
    }
}

/// The field whose equal values stay in one split, such as a customer or a document.
public struct Group: DatasetElement {
    let field: String
    let line: Int

    /// Names a field.
    ///
    /// - Parameters:
    ///   - field: a column's header in CSV, a member's name in JSON Lines.
    ///   - line: the line on which it is written.
    public init(by field: String, line: Int = #line) {
        self.field = field
        self.line = line
    }

    public func lower(into dataset: inout DatasetDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).group", line)
        dataset.group = field
    }
}

/// How many examples prompt search and gates get; the rest trains.
public struct Split: DatasetElement {
    let split: SplitDefinition
    let line: Int

    /// - Parameters:
    ///   - prototype: rows that prompts are chosen on, 1 and more.
    ///   - holdout: rows that only gates look at, 1 and more.
    ///   - seed: of the order in which groups are dealt.
    ///   - stratify: `.label` gives every split the same share of each expected value.
    ///   - line: the line on which it is written.
    public init(
        prototype: Int, holdout: Int, seed: UInt64 = 1, stratify: Stratification? = nil, line: Int = #line
    ) {
        self.split = SplitDefinition(prototype: prototype, holdout: holdout, seed: seed, stratify: stratify)
        self.line = line
    }

    public func lower(into dataset: inout DatasetDefinition, at path: String, noting locations: inout Locations) {
        locations.note("\(path).split", line)
        dataset.split = split
    }
}
