import FledgeCore
import FledgeEngine
import Foundation

/// An artifact store in a test of ``ArtifactStorePromise``, with adapters to be stored.
package struct ArtifactStoreScene: Sendable {
    package var store: any ArtifactStore
    /// The same store in a daemon that was started anew.
    package var restarted: any ArtifactStore
    /// An empty store of the same kind, which has nothing to do with the other: what digests are learnt from.
    package var elsewhere: any ArtifactStore
    /// A folder of the test's own.
    let folder: String

    static let expected = ExpectedAdapter(rank: 2, alpha: 4, baseSHA256: Digest(of: "the base weights"))

    /// - Parameter folder: where the adapters are put that are stored.
    package init(
        store: any ArtifactStore, restarted: any ArtifactStore, elsewhere: any ArtifactStore, folder: String
    ) {
        self.store = store
        self.restarted = restarted
        self.elsewhere = elsewhere
        self.folder = folder
    }

    /// Writes a sound adapter into a folder of its own.
    ///
    /// - Parameter name: makes the content; the same content for the same name.
    /// - Returns: the path of the folder.
    func adapter(_ name: String = "first") throws -> String {
        let path = "\(folder)/made-\(UUID().uuidString)"
        try StubAdapter.write(
            to: path, rank: Self.expected.rank, alpha: Self.expected.alpha, base: Self.expected.baseSHA256, name: name)
        return path
    }

    /// The files of a folder with what they hold.
    static func files(in folder: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            files[name] = try Data(contentsOf: URL(filePath: folder).appending(path: name))
        }
        return files
    }
}
