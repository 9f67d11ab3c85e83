import FledgeDocument

extension DefinitionValidator {
    /// Names that stand in lines of tables and histories: none of them may steer what shows it.
    static func checkWords(_ document: DefinitionDocument, _ findings: inout Findings) {
        let useCase = document.useCase
        var words: [(what: String, place: String, text: String)] = [("the file's path", "useCase", document.sourceFile)]
        if let owner = useCase.owner { words.append(("the owner", "owner", owner)) }
        for (index, model) in useCase.models.enumerated() {
            words.append(("a model's name", "models[\(index)].name", model.name))
        }
        for (index, prompt) in (useCase.promptPrototype?.prompts ?? []).enumerated() {
            words.append(("a prompt's name", "promptPrototype.prompts[\(index)].name", prompt.name))
        }
        for judge in useCase.judges { words.append(("a judge's name", "validation", judge.name)) }
        if let dataset = useCase.dataset { words.append(("the data's path", "dataset.path", dataset.path)) }
        for word in words {
            guard let problem = InboundText.problem(with: word.text, limit: longestWord) else { continue }
            findings.error(
                DefinitionFault.badText, "\(word.what) \(problem)", at: word.place,
                hint: "write it on one line, without control characters")
        }
    }

    /// Paths are the longest of them.
    private static let longestWord = 4096
}
