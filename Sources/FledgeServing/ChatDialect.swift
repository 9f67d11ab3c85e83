/// How a server wants an answer to be held to a list of choices; the rest of the API is common.
package enum ChatDialect: String, Sendable {
    /// A GBNF grammar; also knows `lora` scales and `cache_prompt`.
    case llamaCpp
    /// `structured_outputs`, `guided_choice` before version 0.12; each version ignores the other's field.
    case vLLM
    /// A strict JSON schema whose only field is an enumeration.
    case openAI

    /// Guesses from what the server says of its models (`owned_by` of `/v1/models`).
    init(ownedBy: String?) {
        switch ownedBy {
        case "llamacpp": self = .llamaCpp
        case "vllm": self = .vLLM
        default: self = .openAI
        }
    }

    /// A grammar that accepts exactly these texts.
    static func grammar(_ choices: [String]) -> String {
        "root ::= " + choices.map { "\"" + $0.flatMap(escape) + "\"" }.joined(separator: " | ")
    }

    private static func escape(_ character: Character) -> String {
        switch character {
        case "\"": "\\\""
        case "\\": "\\\\"
        case "\n": "\\n"
        case "\r": "\\r"
        case "\r\n": "\\r\\n"
        case "\t": "\\t"
        default: String(character)
        }
    }
}
