import FledgeCore

/// What is known of a stored adapter.
package struct AdapterFacts: Codable, Hashable, Sendable {
    package var digest: AdapterDigest
    package var rank: Int
    package var alpha: Double
    package var targetModules: [String]
    package var sizeBytes: Int64

    package init(digest: AdapterDigest, rank: Int, alpha: Double, targetModules: [String], sizeBytes: Int64) {
        self.digest = digest
        self.rank = rank
        self.alpha = alpha
        self.targetModules = targetModules
        self.sizeBytes = sizeBytes
    }
}

/// Keeps adapters by their content hash.
///
/// Whoever makes one keeps what `ArtifactStorePromise` (FledgeTestKit) lists; its tests run that list.
///
/// Everything may be asked again, and by several daemons at once. A requirement throws `FledgeError`, and
/// `CancellationError` where its task was cancelled, which says nothing about the adapter.
package protocol ArtifactStore: Sendable {
    /// Checks an adapter's folder and takes a copy of it; the same content twice is kept once, and takes the place of a
    /// copy that was damaged.
    ///
    /// - Parameter directory: stays the caller's, and is left as it is. No link may be on the way to it.
    /// - Throws: for a person a code `adapter.…` for a folder that holds anything but a sound LoRA of that rank and
    ///   base, `training.bad_output` for files larger than one can be, and `artifacts.not_writable`; nothing is kept
    ///   then. `adapter.unreadable` or `file.unread` where the folder can't be read, which says nothing about what it
    ///   holds.
    func store(adapterAt directory: String, expecting lora: ExpectedAdapter) async throws -> AdapterFacts
    /// The folder of a stored adapter, after its files were hashed again.
    ///
    /// - Returns: a folder of the store's, to be read and not changed; it stays as long as anything in the database
    ///   needs the adapter.
    /// - Throws: for a person `adapter.missing`, `adapter.corrupted`; `adapter.unreadable` or `file.unread` where that
    ///   can't be told.
    func directory(of adapter: AdapterDigest) async throws -> String
}

/// What a new adapter has to fit.
package struct ExpectedAdapter: Codable, Hashable, Sendable {
    package var rank: Int
    package var alpha: Double
    package var baseSHA256: Digest

    package init(rank: Int, alpha: Double, baseSHA256: Digest) {
        self.rank = rank
        self.alpha = alpha
        self.baseSHA256 = baseSHA256
    }
}
