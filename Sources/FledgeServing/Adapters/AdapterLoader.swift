/// What is a server's own of loading adapters by name while it runs. Everything may be repeated, and throws what asking
/// the server throws, mostly transient `model.unreachable`.
protocol AdapterLoader: Sendable {
    /// Its models, and the adapters that are loaded.
    func models() async throws -> [ListedModel]
    /// Loads the folder under the name; one that is loaded under it already stays.
    ///
    /// - Parameter path: a folder as the server sees it, whose files it only reads.
    /// - Throws: for a person codes `model.adapter_…`.
    func load(_ name: String, path: String) async throws
    /// One that is not there any more is as good.
    func unload(_ name: String) async throws
    /// How many adapters may be loaded at once, from one; nil where the server doesn't tell.
    func room() async -> Int?
    /// How a call names what was loaded under the name.
    func servedName(of name: String, base: String) -> String
    /// Whether the base is asked as an adapter of zeros while adapters are loaded.
    var masksBase: Bool { get }
    /// Why an adapter that was loaded may be missing from the list, and what to do.
    var unlistedHint: String { get }
}
