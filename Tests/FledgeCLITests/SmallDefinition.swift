import Foundation

/// The text of a definition with one fault or more put into it, and of data that fits it.
struct SmallDefinition {
    var name = "small"
    var data = "small.jsonl"
    var endpoint = ".local"
    var owner = "Owner(\"tests\")"
    var split = "Split(prototype: 20, holdout: 40, seed: 1)"
    /// Nil for one prompt with the name in it: use cases that ask the same would share their answers through the cache,
    /// and one with a wrong key would never ask the server.
    var prompts: String?
    var advance = "Accuracy(atLeast: 0.5)"
    var require = "Accuracy(atLeast: 0.5, confidence: 0.9)"
    var reports = ""

    /// Line numbers that tests expect: 5 owner, 6 dataset, 9 split, 11 models, 13 prompts, 15 advance, 18 require, 20 reports.
    var source: String {
        """
        import FledgeDSL

        let useCase = UseCase("\(name)") {
            Purpose("Say a or b.")
            \(owner)
            Dataset("\(data)") {
                Input("text")
                Expected("label")
                \(split)
            }
            Models { Model("\(endpoint == ".local" ? "smollm2-135m-instruct" : "tiny")", at: \(endpoint)) }
            PromptPrototype {
                \(prompts ?? "Prompt(\"plain\") { System(\"\(name)\"); User(\"{{text}}\") }")
                Decoding(temperature: 0, maxTokens: 4)
                Advance { \(advance) }
                Budget(calls: 200)
            }
            Validation { Require { \(require) } }
            Production { Approval(.automatic) }
            \(reports)
        }

        """
    }

    /// Sixty rows whose label can be told from the text.
    static let rows = (0..<60).map { "{\"text\":\"t\($0)\",\"label\":\"\($0 % 2 == 0 ? "a" : "b")\"}\n" }.joined()
}
