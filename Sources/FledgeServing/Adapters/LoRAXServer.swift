import CurlClient
import FledgeCore
import FledgeEngine
import Foundation

/// LoRAX takes PEFT's folder as the model's name, and loads it when it is first asked for.
struct LoRAXServer: AdapterReader {
    /// The base, as the definition calls it.
    let model: String
    let routes: AdapterRoutes

    var suffix: String { "" }
    var mixes: Bool { true }

    /// A name that is not the base's it takes for an adapter's, and looks for it elsewhere.
    ///
    /// - Throws: `model.unknown` where the base has another name there. A server that doesn't tell is asked all the same.
    func check() async throws -> Bool {
        guard let response = try? await routes.send("GET", routes.root + "/info", timeout: .seconds(15)),
            response.status == 200, let served = LenientJSON.read(response.body)?["model_id"]?.text
        else { return false }
        if served == model { return true }
        throw FledgeError(
            "model.unknown", "LoRAX serves \(served), and takes \(model) for the name of an adapter",
            hint: "name the model as LoRAX's --model-id: Model(\"\(served)\", at: .lorax(…))", exitCode: .configuration)
    }

    func write(_ adapter: PEFTAdapter, to target: URL) throws { try adapter.copy(to: target) }

    func route(to adapter: ServedAdapter, at path: String) -> AdapterRoute {
        AdapterRoute(adapter: adapter.digest, servedName: path, source: "local")
    }
}
