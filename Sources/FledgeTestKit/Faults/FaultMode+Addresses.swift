/// Answers of something that is not the API, or not at this address.
extension FaultMode {
    static let addresses: [FaultMode] = [
        FaultMode(
            "404-html", "404 as a web server's page", .html(404, "404 Not Found"), .blocks("model.wrong_address")),
        FaultMode("404-empty", "404 without a body", FaultReply(404), .blocks("model.wrong_address")),
        FaultMode("404-fastapi", "404 in FastAPI's form", .fastAPI(404, "Not Found"), .blocks("model.wrong_address")),
        FaultMode(
            "404-azure", "404 in Azure's form",
            FaultReply(404, #"{"error":{"code":"404","message":"Resource not found"}}"#),
            .blocks("model.wrong_address")),
        FaultMode("405", "405 Method Not Allowed", .fastAPI(405, "Method Not Allowed"), .blocks("model.wrong_address")),
        FaultMode("410", "410 Gone", .html(410, "410 Gone"), .blocks("model.wrong_address")),
        FaultMode("301", "301 to another address", moved(301), .blocks("model.wrong_address")),
        FaultMode(
            "302-login", "302 to a sign-in page", moved(302, to: "https://login.example/"),
            .blocks("model.wrong_address")),
        FaultMode("307", "307 to another address", moved(307), .blocks("model.wrong_address")),
        FaultMode("308", "308 to another address", moved(308), .blocks("model.wrong_address")),
        FaultMode("308-nowhere", "308 without `Location`", FaultReply(308), .blocks("model.wrong_address")),
        list("models-401", "401 to the list of models alone", .openAI(401, "no")),
        list(
            "models-403", "403 to the list of models alone",
            .openAI(403, "You have insufficient permissions for this operation. Missing scopes: api.model.read.")),
        list("models-404", "404 to the list of models alone", .html(404, "404 Not Found")),
        list("models-405", "405 to the list of models alone", .text(405, "")),
        list("models-429", "429 to the list of models alone", FaultReply(429)),
        list("models-500", "500 to the list of models alone", .openAI(500, "internal")),
        list("models-501", "501 to the list of models alone", .text(501, "")),
        list("models-html", "a page instead of the list of models", .html(200, "Sign in")),
        list("models-null", "a list of models that is null", FaultReply(200, #"{"object":"list","data":null}"#)),
        list("models-array", "a list of models without its object", FaultReply(200, #"[{"id":"m"}]"#)),
        list(
            "models-closed", "the connection's end instead of the list of models",
            FaultReply(200, delivery: .closed)),
    ]

    private static func moved(_ status: Int, to place: String = "http://127.0.0.1:9/v1/chat/completions") -> FaultReply
    {
        FaultReply.html(status, "Moved").with("Location", place)
    }

    /// Completions are sound: only the list of models is not there.
    private static func list(_ name: String, _ says: String, _ reply: FaultReply) -> FaultMode {
        FaultMode(name, says, .answer(), .mended, models: reply)
    }
}
