import FledgeDocument

/// Every number and every text of a definition, with its path in the document.
package struct DefinitionValues: Sendable {
    package struct Number: Hashable, Sendable {
        /// `promptPrototype.prompts[1].demonstrations`.
        package var path: String
        /// The same with `[]`.
        package var place: String
        package var value: Double
        /// As it is written.
        package var text: String
    }

    package struct Text: Hashable, Sendable {
        package var path: String
        package var value: String
    }

    package private(set) var numbers: [Number] = []
    package private(set) var texts: [Text] = []

    package init(_ definition: UseCaseDefinition) {
        collect(CanonicalJSON(of: definition), path: "", place: "")
    }

    private mutating func collect(_ value: CanonicalJSON, path: String, place: String) {
        switch value {
        case .null, .bool: break
        case .signed(let whole): note(Double(whole), value, path, place)
        case .unsigned(let whole): note(Double(whole), value, path, place)
        case .double(let number): note(number, value, path, place)
        case .string(let text): texts.append(Text(path: path, value: text))
        case .array(let values):
            for (index, value) in values.enumerated() {
                collect(value, path: "\(path)[\(index)]", place: "\(place)[]")
            }
        case .object(let members):
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                let isTop = path.isEmpty
                collect(value, path: isTop ? name : "\(path).\(name)", place: isTop ? name : "\(place).\(name)")
            }
        }
    }

    private mutating func note(_ number: Double, _ value: CanonicalJSON, _ path: String, _ place: String) {
        numbers.append(Number(path: path, place: place, value: number, text: value.text))
    }
}

/// A number or a text of a definition that nothing can be done with.
package struct DefinitionFault: Hashable, Sendable {
    package var code: String
    package var message: String
    package var path: String
    package var hint: String

    /// Bytes of UTF-8 that one text of a definition may have: a prompt of more is no prompt.
    package static let mostText = 1 << 20

    /// A text with a character that steers what shows it.
    static let badText = "definition.bad_text"

    /// Numbers that stand in a part of another name.
    private static let parts = [
        "fineTune.limitSeconds": "fineTune.limit", "fineTune.minimumExamples": "fineTune.trainingExamples",
        "fineTune.sweep.limitSeconds": "fineTune.sweep.limit", "fineTune.sweep.costMicroDollars": "fineTune.sweep.cost",
        "fineTune.sweep.foldsBelow": "fineTune.sweep.folds", "fineTune.sweep.reduction": "fineTune.sweep.trials",
    ]

    /// All of them, in the order of the document's paths.
    package static func all(in definition: UseCaseDefinition) -> [DefinitionFault] {
        let values = DefinitionValues(definition)
        let numbers = values.numbers.compactMap { number -> DefinitionFault? in
            guard let rule = NumberRule.rule(of: number.place), !rule.range.contains(number.value)
            else { return nil }
            let shown = number.text.filter { $0 != "\"" }
            return DefinitionFault(
                code: rule.code, message: "\(rule.name) \(shown) is out of range",
                path: parts[number.path] ?? number.path, hint: rule.hint)
        }
        return numbers + longPlans(definition) + values.texts.compactMap(DefinitionFault.init)
    }

    /// Calls that one criterion may add to a gate: a plan is made of all of them at once.
    package static let mostCallsOfCriterion = 2_000_000

    /// Criteria that ask more often than a gate can plan.
    private static func longPlans(_ definition: UseCaseDefinition) -> [DefinitionFault] {
        let holdout = max(0, definition.dataset?.split?.holdout ?? 0)
        return (definition.validation?.require ?? []).enumerated().compactMap { index, criterion in
            guard let repetition = criterion.metric.metric.repetition else { return nil }
            let calls = min(max(0, repetition.examples ?? holdout), holdout).saturatingProduct(repetition.calls)
            guard calls > mostCallsOfCriterion else { return nil }
            return DefinitionFault(
                code: "criterion.too_many_calls",
                message: "\(criterion.metric.title) would ask \(calls) times at each gate",
                path: "validation.require[\(index)]",
                hint: "at most \(mostCallsOfCriterion); examples: 60 is usual")
        }
    }

    private init(code: String, message: String, path: String, hint: String) {
        self.code = code
        self.message = message
        self.path = path
        self.hint = hint
    }

    private init?(_ text: DefinitionValues.Text) {
        if text.value.utf8.contains(0) {
            self.init(
                code: "definition.nul_character", message: "\(text.path) holds a NUL character", path: text.path,
                hint: "no database, path or prompt takes one: take it out")
        } else if let problem = InboundText.controlProblem(with: text.value) {
            self.init(
                code: Self.badText, message: "\(text.path) \(problem)", path: text.path,
                hint: "take it out: of control characters, only line breaks and tabs are text")
        } else if text.value.utf8.count > Self.mostText {
            self.init(
                code: "definition.text_too_long",
                message: "\(text.path) has \(text.value.utf8.count) bytes", path: text.path,
                hint: "at most \(Self.mostText); what changes from row to row belongs into the data")
        } else {
            return nil
        }
    }

    /// Refuses a stored definition that was written before there were ranges, or by other means than `fledge apply`. Control
    /// characters, which were taken once, are made harmless where they leave, and stop nothing.
    ///
    /// - Throws: the first fault, with its place; `badData`.
    package static func refuse(_ document: DefinitionDocument) throws(FledgeError) {
        let faults = all(in: document.useCase).filter { $0.code != badText }
        guard let first = faults.first else { return }
        let rest = faults.count > 1 ? ", and \(faults.count - 1) more" : ""
        throw FledgeError(
            FledgeError.Code(rawValue: first.code), "\(first.message)\(rest) (\(first.path))",
            place: document.line(of: first.path).map { "\(document.sourceFile):\($0)" } ?? document.sourceFile,
            hint: "\(first.hint); change the definition and fledge apply", exitCode: .badData)
    }
}

extension DefinitionDocument {
    /// Where a part was written, or the nearest part around it whose line is known.
    package func line(of place: String) -> Int? {
        var place = Substring(place)
        while true {
            if let line = locations[String(place)] { return line }
            guard let cut = place.lastIndex(where: { $0 == "." || $0 == "[" }) else { break }
            place = place[..<cut]
        }
        return locations["useCase"]
    }
}
