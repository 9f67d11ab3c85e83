import FledgeCore
import FledgeEngine

/// A store without adapters.
package struct NoArtifacts: ArtifactStore {
    package init() {}

    package func store(adapterAt directory: String, expecting lora: ExpectedAdapter) async throws -> AdapterFacts {
        throw FledgeError("artifacts.not_writable", "nothing is stored here", exitCode: .cannotWrite)
    }

    package func directory(of adapter: AdapterDigest) async throws -> String {
        throw FledgeError("adapter.missing", "the adapter \(adapter.short) is not in the store", exitCode: .badData)
    }
}
