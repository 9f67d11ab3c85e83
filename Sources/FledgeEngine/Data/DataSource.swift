import FledgeCore
import FledgeDocument
import Foundation

/// Where the bytes of data files are.
package enum DataSource: Sendable {
    /// On this machine, wherever a definition says, except in some places.
    case disk(DataPlaces)
    /// What came with a request, by the path on the client's machine. Nothing else is opened.
    case sent([String: SentFile])
}

extension DatasetDefinition {
    /// The data file's absolute path on the machine that the definition lies on.
    ///
    /// - Parameter directory: what a relative path is relative to: the absolute folder of the definition.
    package func path(relativeTo directory: String) -> String {
        URL(fileURLWithPath: path, relativeTo: URL(fileURLWithPath: directory, isDirectory: true))
            .standardizedFileURL.path
    }
}
