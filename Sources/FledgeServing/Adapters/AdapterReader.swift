import FledgeEngine
import Foundation

/// What is a server's own of reading an adapter's folder when a call names it.
protocol AdapterReader: Sendable {
    /// What stands behind the digest in the folder's name: empty for PEFT's own files.
    var suffix: String { get }
    /// Whether the server computes answers of several adapters beside each other.
    var mixes: Bool { get }
    /// Looks whether calls can mean what they say. May be repeated.
    ///
    /// - Returns: false where the server doesn't tell, or isn't there.
    /// - Throws: for a person `model.unknown` where it serves another base.
    func check() async throws -> Bool
    /// Writes the files that the server reads into an empty folder, which is the caller's and is thrown away where this
    /// throws.
    ///
    /// - Throws: for a person codes `model.adapter_…` for what can't be read of the adapter, and what writing throws.
    func write(_ adapter: PEFTAdapter, to target: URL) throws
    /// - Parameter path: of the folder, as the server sees it.
    func route(to adapter: ServedAdapter, at path: String) -> AdapterRoute
}
