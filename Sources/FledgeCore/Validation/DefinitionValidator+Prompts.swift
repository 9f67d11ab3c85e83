import FledgeDocument

extension DefinitionValidator {
    static func checkPrompts(_ useCase: UseCaseDefinition, _ facts: DatasetFacts, _ findings: inout Findings) {
        guard let prototype = useCase.promptPrototype else { return }
        if prototype.prompts.isEmpty {
            findings.error(
                "prompts.none", "there is no prompt to try", at: "promptPrototype",
                hint: "add Prompt(\"NAME\") { User(\"{{FIELD}}\") }")
        }
        var seen: Set<String> = []
        for (index, prompt) in prototype.prompts.enumerated() {
            let place = "promptPrototype.prompts[\(index)]"
            if !seen.insert(prompt.name).inserted {
                findings.error(
                    "prompts.duplicate", "the prompt \(prompt.name) is given twice", at: place,
                    hint: "rename one of them")
            }
            if prompt.name.isEmpty || prompt.name.contains("/") {
                findings.error(
                    "prompts.bad_name", "\"\(prompt.name)\" is not a name for a prompt", at: place,
                    hint: "any text without a slash")
            }
            checkTemplate(prompt, of: useCase, facts, at: place, &findings)
            checkDemonstrations(prompt, of: useCase, at: place, &findings)
        }
        checkDecoding(prototype.decoding, facts, &findings)
        checkSearch(prototype.search, of: useCase, &findings)
    }

    private static func checkTemplate(
        _ prompt: PromptDefinition, of useCase: UseCaseDefinition, _ facts: DatasetFacts, at place: String,
        _ findings: inout Findings
    ) {
        let inputs = useCase.dataset?.inputs ?? []
        let userFields = PromptTemplate(prompt.user).fields
        for field in Set(userFields + PromptTemplate(prompt.system ?? "").fields).sorted() where !inputs.contains(field)
        {
            findings.error(
                "prompts.unknown_variable", "the prompt \(prompt.name) asks for {{\(field)}}, which is not an input",
                at: place,
                hint: facts.fields.contains(field) || inputs.isEmpty
                    ? "declare Input(\"\(field)\") in Dataset"
                    : Suggestion.hint(
                        for: field, among: inputs, else: "inputs are " + inputs.joined(separator: ", ")))
        }
        if userFields.isEmpty {
            findings.error(
                "prompts.no_variable", "the user message of \(prompt.name) is the same for every example", at: place,
                hint: "put an input into it: User(\"{{\(inputs.first ?? "FIELD")}}\")")
        }
    }

    private static func checkDemonstrations(
        _ prompt: PromptDefinition, of useCase: UseCaseDefinition, at place: String, _ findings: inout Findings
    ) {
        let available = (useCase.dataset?.split?.prototype ?? 0) / 3
        if useCase.dataset?.split != nil, prompt.demonstrations > available {
            findings.error(
                "prompts.too_many_demonstrations",
                "\(prompt.demonstrations) demonstrations are asked for, and a third of the prototype split, \(available) rows, may be shown",
                at: place, hint: "show fewer, or make the prototype split larger")
        }
    }

    private static func checkDecoding(_ decoding: DecodingDefinition, _ facts: DatasetFacts, _ findings: inout Findings)
    {
        let place = "promptPrototype.decoding"
        if let schema = decoding.jsonSchema {
            if !isObject(schema) {
                findings.error(
                    "decoding.bad_json_schema", "the JSON schema is not a JSON object", at: place,
                    hint: "write it as a raw string: #\"{\"type\": \"object\"}\"#")
            }
            if decoding.choices != .none {
                findings.error(
                    "decoding.two_constraints", "an answer cannot be held to choices and to a JSON schema at once",
                    at: place, hint: "keep one of them")
            }
        }
        switch decoding.choices {
        case .none: break
        case .list(let list):
            if list.isEmpty || list.contains("") || Set(list).count != list.count {
                findings.error("decoding.bad_choices", "the choices are empty or not distinct", at: place, hint: nil)
            }
        case .labels:
            if facts.labels > 256 {
                findings.error(
                    "decoding.too_many_labels", "the data has \(facts.labels) distinct labels, too many to choose from",
                    at: place,
                    hint: "leave choices out: this is no classification")
            }
        }
    }

    private static func isObject(_ schema: String) -> Bool {
        if case .object? = JSONText(schema) { return true }
        return false
    }
}
