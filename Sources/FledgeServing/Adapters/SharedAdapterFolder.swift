import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import ManagedProcess

/// The folder through which adapters reach a server.
struct SharedAdapterFolder: Sendable {
    private let folder: AdapterFolder

    init(_ folder: AdapterFolder) { self.folder = folder }

    /// The path of what was put under the name, as the server sees it.
    func path(of name: String) -> String {
        let root = folder.asSeenByServer ?? folder.path
        return (root.hasSuffix("/") ? root : root + "/") + name
    }

    /// Puts a folder there under a name that is made of its content, whole or not at all.
    ///
    /// - Parameter write: writes the files into the folder that it is given.
    /// - Returns: its path as the server sees it.
    func put(_ name: String, _ write: (URL) throws -> Void) throws -> String {
        let root = URL(filePath: folder.path, directoryHint: .isDirectory)
        let target = root.appending(path: name, directoryHint: .isDirectory)
        let partial = root.appending(path: ".partial-\(UUID().uuidString)", directoryHint: .isDirectory)
        let files = FileManager.default
        defer { try? files.removeItem(at: partial) }
        do {
            // Read by a server that may run as somebody else.
            for folder in [root, partial] where !files.fileExists(atPath: folder.path) {
                // What lies above has to be there: a definition makes no more than this one folder.
                do { try files.createDirectory(at: folder, withIntermediateDirectories: false) } catch
                    where folder == root && files.fileExists(atPath: root.path)
                {
                    // Another daemon was first.
                    continue
                }
                // Whatever the umask.
                try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
            }
            try write(partial)
            for file in try files.contentsOfDirectory(atPath: partial.path) {
                try files.setAttributes(
                    [.posixPermissions: 0o644], ofItemAtPath: partial.appending(path: file).path)
            }
            if !files.fileExists(atPath: target.path) {
                do { try files.moveItem(at: partial, to: target) } catch  where files.fileExists(atPath: target.path) {
                    // Another daemon was first.
                }
            }
        } catch let error as FledgeError {
            throw error
        } catch {
            throw FledgeError(
                "model.adapter_folder", "adapters cannot be put into the folder: \(error.localizedDescription)",
                place: folder.path,
                hint: "make the folder that adapters: .folder(…) names, and let the daemon write to it")
        }
        guard try !files.fileExists(atPath: partial.path) || Self.isSame(partial, target) else {
            throw FledgeError(
                "model.adapter_changed", "what lies in the adapters' folder is not what was put there",
                place: target.path, hint: "remove it, and fledge retry puts it there again")
        }
        return path(of: name)
    }

    /// - Throws: where one can't be read: that does not make it another.
    private static func isSame(_ one: URL, _ other: URL) throws(FledgeError) -> Bool {
        do throws(ProcessError) {
            guard let mine = try WholeFile.names(in: one.path), mine == (try WholeFile.names(in: other.path)) else {
                return false
            }
            for name in mine {
                let paths = [one, other].map { $0.appending(path: name).path }
                guard try WholeFile.areEqual(paths[0], paths[1]) else { return false }
            }
            return true
        } catch {
            throw FledgeError(
                unread: error, "model.adapter_folder", "what lies in the adapters' folder can't be read",
                place: other.path, hint: "let the daemon read it, then fledge retry")
        }
    }
}
