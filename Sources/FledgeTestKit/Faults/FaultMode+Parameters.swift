/// Parameters that the server does not take, and that can be left out without another question being asked.
extension FaultMode {
    static let parameters: [FaultMode] = [
        FaultMode(
            "400-temperature", "400 to any `temperature` but 1",
            .openAI(
                400,
                "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
                code: "unsupported_value", param: "temperature"), .mended, condition: .temperatureOtherThanOne),
        FaultMode(
            "400-temperature-text", "400 to `temperature`, named in the text alone",
            .vLLM(400, "temperature is deprecated for this model"), .mended, condition: .has("temperature")),
        FaultMode(
            "400-max-tokens", "400 to `max_tokens`",
            .openAI(
                400,
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
                code: "unsupported_parameter", param: "max_tokens"), .mended, condition: .has("max_tokens")),
        FaultMode(
            "400-seed", "400 to `seed`",
            .openAI(400, "Unknown parameter: 'seed'.", code: "unknown_parameter", param: "seed"),
            .mended, condition: .has("seed")),
        FaultMode(
            "422-seed", "422 to `seed`, in FastAPI's form",
            FaultReply(
                422,
                #"{"detail":[{"loc":["body","seed"],"msg":"extra fields not permitted","type":"value_error.extra"}]}"#),
            .mended, condition: .has("seed")),
        FaultMode(
            "400-seed-63", "400 to a `seed` of more than 63 bits",
            .vLLM(400, "seed: Input should be less than or equal to 9223372036854775807"), .mended,
            condition: .hugeSeed),
    ]
}
