import FledgeCore

extension JSONValue {
    /// - Throws: `decoding.bad_json_schema` for text that is not a JSON object.
    init(schema source: String) throws(FledgeError) {
        guard let value = try? JSONProfile.openAI.value(JSONValue.self, from: source), case .object = value
        else {
            throw FledgeError(
                "decoding.bad_json_schema", "the JSON schema is not a JSON object",
                hint: "mend jsonSchema in the definition's Decoding")
        }
        self = value
    }

    /// The schema of an object whose one field is one of the choices.
    static func answer(from choices: [String]) -> JSONValue {
        .object([
            "type": .text("object"), "required": .array([.text("answer")]), "additionalProperties": .bool(false),
            "properties": .object([
                "answer": .object(["type": .text("string"), "enum": .array(choices.map(JSONValue.text))])
            ]),
        ])
    }
}
