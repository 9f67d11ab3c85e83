import FledgeDSL

// The state stands in the address, yet the bare question fails: the small model has to be shown what to copy.
// A few demonstrations are enough, so nothing is trained.

let addressState = UseCase("address-state") {
    Purpose("Read the state off a US postal address, so that mail can be sorted by it.")
    Owner("mailroom")

    Dataset("data/address-state.jsonl") {
        Input("address")
        Expected("state")
        Group(by: "place")  // no town is in both what prompts are tuned on and what they are judged by
        Split(prototype: 120, holdout: 200, seed: 7)
    }

    Models {
        Model("smollm2-135m-instruct", at: .local)
    }

    PromptPrototype {
        Prompt("zero-shot") {
            System("You name the US state of a postal address by its two-letter code.")
            User("{{address}}")
        }
        Prompt("four-examples") {
            System("You name the US state of a postal address by its two-letter code.")
            User("Address: {{address}}\nState:")
            Demonstrations(4)
        }
        Prompt("eight-examples") {
            System("You name the US state of a postal address by its two-letter code.")
            User("Address: {{address}}\nState:")
            Demonstrations(8)
        }
        Decoding(temperature: 0, maxTokens: 4, choices: .labels)
        Rounds(atMost: 3, examples: 50)
        Advance {
            Accuracy(atLeast: 0.80)
            Or { Plateau(rounds: 1) }
        }
        Budget(calls: 1_000)
    }

    Validation {
        Require {
            Accuracy(atLeast: 0.80, confidence: 0.95)
            Consistency(atLeast: 0.80, repeats: 3, examples: 60)
            Latency(.p95, atMost: .seconds(15))
        }
    }

    Production { Approval(.automatic) }

    Reports { Weekly(on: .monday, at: "09:00", in: "Europe/Berlin", as: .html, .markdown) }
}
