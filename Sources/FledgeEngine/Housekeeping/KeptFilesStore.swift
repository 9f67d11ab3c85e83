/// What the database says of the files that lie beside it.
package protocol KeptFilesStore: Store {
    /// The identity of this database, a text that no other database has, except for a copy of it.
    func identity() async throws -> String
    /// - Parameters:
    ///   - intents: of training jobs.
    ///   - age: how long what ended is kept, by the database's clock.
    func standing(ofJobs intents: [String], olderThan age: Duration) async throws -> [String: KeptFile]
    /// - Parameter adapters: digests.
    func standing(ofAdapters adapters: [String], olderThan age: Duration) async throws -> [String: KeptFile]
}

package enum KeptFile: Sendable, Hashable {
    /// A release, a gate, a cycle that goes on or ended lately, or a job that may run, names it.
    case named
    /// Something named it once, and nothing needs it any longer.
    case past
    /// The database has never heard of it.
    case unknown
}
