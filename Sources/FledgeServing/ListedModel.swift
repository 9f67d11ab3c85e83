import FledgeCore

/// A model as a server's list of models has it.
struct ListedModel: Hashable, Sendable {
    var id: String
    /// Who the server says owns it; empty where it doesn't say.
    var owner = ""
    /// The base that an adapter was loaded onto; nil for a model of its own.
    var parent: String?
    /// When the server stops serving it; nil where it doesn't say.
    var shutdown: ShutdownDay?

    /// A list in any of the forms that servers have for it.
    ///
    /// - Returns: nil where there is no list, or none that can be read.
    static func list(_ body: [UInt8]) -> [ListedModel]? {
        guard let json = LenientJSON.read(body),
            let models = json["data"]?.elements ?? json["models"]?.elements ?? json.elements
        else { return nil }
        return models.compactMap(ListedModel.init)
    }

    private init?(_ json: JSONValue) {
        guard let id = (json["id"] ?? json["name"] ?? json["model"])?.text else { return nil }
        self.id = id
        owner = json["owned_by"]?.text ?? ""
        parent = json["parent"]?.text
        shutdown = Self.shutdown(json)
    }

    /// A day as OpenAI, OpenRouter and Mistral tell it, or seconds as Azure does.
    private static func shutdown(_ json: JSONValue) -> ShutdownDay? {
        for key in ["shutdown_date", "expiration_date", "deprecation"] {
            if let text = json[key]?.text, let day = ShutdownDay(text) { return day }
        }
        return json["deprecation"]?["inference"]?.count.flatMap { ShutdownDay(secondsSince1970: $0) }
    }
}
