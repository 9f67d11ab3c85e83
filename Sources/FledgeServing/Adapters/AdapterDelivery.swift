import FledgeCore
import FledgeEngine

/// How adapters get to a server that loads them while it runs, and how calls name them there.
///
/// Everything may be asked again, and by many calls at once. Besides what a requirement names it throws what asking the
/// server throws, mostly transient `model.unreachable`, and `CancellationError`. What is put before the server is the
/// delivery's, which has the server unload what none of its calls uses.
package protocol AdapterDelivery: Sendable {
    /// Puts the adapters where the server finds them, and has it load those that it has not.
    ///
    /// - Parameter adapters: their folders stay the artifact store's, and are only read.
    /// - Throws: for a person codes `model.adapter_…`, which say what to change at the server or in the definition.
    func deliver(_ adapters: [ServedAdapter]) async throws
    /// How a call asks for the adapter, or for the base. The adapter is not unloaded before the call has ended.
    ///
    /// - Returns: a route of the call's, which it hands to ``end(_:)`` once.
    /// - Throws: transient `model.unknown_adapter` for one that was not delivered; `model.adapter_…`. No route is held
    ///   then.
    func begin(_ adapter: AdapterDigest?) async throws -> AdapterRoute
    /// To be called once for each route, whatever came of the call.
    func end(_ route: AdapterRoute) async
    /// The same after the server has said that it does not know what the route names: it was started anew since.
    ///
    /// - Parameter route: has been ended.
    /// - Returns: a new route of the call's, to be ended as well; nil where another try is of no use.
    /// - Throws: as ``begin(_:)``.
    func renew(_ route: AdapterRoute) async throws -> AdapterRoute?
    /// What is loaded at the server.
    func loaded() async throws -> [AdapterDigest]
    /// Whether the server computes answers of several adapters beside each other.
    var mixes: Bool { get }
}

/// How a call asks a server for an adapter.
package struct AdapterRoute: Hashable, Sendable {
    package var adapter: AdapterDigest?
    /// The name that is asked for in place of the model's; nil for the model's own.
    package var servedName: String?
    /// The adapter's folder as the server sees it, where calls name that; nil for none.
    package var path: String?
    /// Where the server looks for the adapter, where calls say that; nil for none.
    package var source: String?

    package init(
        adapter: AdapterDigest? = nil, servedName: String? = nil, path: String? = nil, source: String? = nil
    ) {
        self.adapter = adapter
        self.servedName = servedName
        self.path = path
        self.source = source
    }
}
