import FledgeEngine
import Foundation

/// What is a server's own of reading an adapter's folder when a call names it.
protocol AdapterReader: Sendable {
    /// What stands behind the digest in the folder's name: empty for PEFT's own files.
    var suffix: String { get }
    /// Whether the server computes answers of several adapters beside each other.
    var mixes: Bool { get }
    /// Looks whether calls can mean what they say.
    ///
    /// - Returns: false where the server doesn't tell.
    func check() async throws -> Bool
    /// Writes the files that the server reads into an empty folder.
    func write(_ adapter: PEFTAdapter, to target: URL) throws
    /// - Parameter path: of the folder, as the server sees it.
    func route(to adapter: ServedAdapter, at path: String) -> AdapterRoute
}
