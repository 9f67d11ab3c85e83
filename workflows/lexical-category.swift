import FledgeDSL

// A small model can't learn this from a prompt: the best of these is right less than half the time.
// It is here to be seen failing validation, being trained, and passing it.

let lexicalCategory = UseCase("lexical-category") {
    Purpose("Name the kind of thing that a word stands for, from its dictionary gloss.")
    Owner("lexicography")

    Dataset("data/lexical-category.jsonl") {
        Input("gloss")
        Expected("category")
        Group(by: "lemma")
        Split(prototype: 120, holdout: 200, seed: 7)  // the rest trains
    }

    Models {
        Model("smollm2-135m-instruct", at: .local)
    }

    PromptPrototype {
        Prompt("zero-shot") {
            System("You name the category of a word from its dictionary gloss.")
            User("{{gloss}}")
        }
        Prompt("labels") {
            System(
                """
                You name the category of a word from its dictionary gloss. Answer with one of: \
                animal, artifact, body, feeling, food, location, person, plant, substance, time.
                """)
            User("Gloss: {{gloss}}\nCategory:")
        }
        Prompt("few-shot") {
            System(
                """
                You name the category of a word from its dictionary gloss. Answer with one of: \
                animal, artifact, body, feeling, food, location, person, plant, substance, time.
                """)
            User("Gloss: {{gloss}}\nCategory:")
            Demonstrations(10)
        }
        Decoding(temperature: 0, maxTokens: 8, choices: .labels)
        Rounds(atMost: 3, examples: 50)
        Advance {
            Accuracy(atLeast: 0.75)
            Or { Plateau(rounds: 1) }
        }
        Budget(calls: 1_000)
    }

    Validation {
        Require {
            Accuracy(atLeast: 0.75, confidence: 0.95)
            Consistency(atLeast: 0.80, repeats: 3, examples: 60)
            Latency(.p95, atMost: .seconds(15))
        }
    }

    FineTune {
        LoRA(rank: 8, alpha: 16, dropout: 0.05, learningRate: 1e-3, epochs: 2)
        TrainingExamples(atLeast: 200, atMost: 600)
        Executor(.local)
        Limit(.minutes(30))
    }

    Production { Approval(.automatic) }

    Reports { Weekly(on: .monday, at: "09:00", in: "Europe/Berlin", as: .html, .markdown) }
}
