import FledgeCore
import FledgeEngine
import Foundation
import ManagedProcess

/// Keeps adapters in folders that are named after their content.
package struct FileArtifactStore: ArtifactStore {
    private let root: URL

    package init(directory: String) { root = URL(fileURLWithPath: directory, isDirectory: true) }

    package func store(adapterAt directory: String, expecting lora: ExpectedAdapter) async throws -> AdapterFacts {
        let source = URL(fileURLWithPath: directory, isDirectory: true)
        let facts = try AdapterCheck(folder: source).check(expecting: lora)
        let target = folder(of: facts.digest)
        let files = FileManager.default
        if files.fileExists(atPath: target.path) {
            // What is wanted again is not old.
            try? files.setAttributes([.modificationDate: Date()], ofItemAtPath: target.path)
            return facts
        }
        let partial = root.appending(path: ".partial-\(UUID().uuidString)", directoryHint: .isDirectory)
        do {
            try PrivateFolder.make(partial.path)
            for name in AdapterCheck.fileNames {
                let file = source.appending(path: name)
                // The trainer's files may be another user's; those of the store are this one's.
                if files.fileExists(atPath: file.path) {
                    try PrivateFile.copy(file.path, to: partial.appending(path: name).path)
                }
            }
            // What was copied is what was checked: the files could have changed in between.
            guard try AdapterCheck(folder: partial).digest() == facts.digest else {
                throw FledgeError("adapter.changed", "the adapter changed while it was copied", place: directory)
            }
            do { try files.moveItem(at: partial, to: target) } catch  where files.fileExists(atPath: target.path) {
                try files.removeItem(at: partial)
            }
        } catch let error as FledgeError {
            try? files.removeItem(at: partial)
            throw error
        } catch {
            try? files.removeItem(at: partial)
            throw FledgeError(
                "artifacts.not_writable", "the adapter cannot be stored: \(error.localizedDescription)",
                place: root.path,
                hint: "check the disk's space and the folder's permissions, then fledge retry")
        }
        return facts
    }

    package func directory(of adapter: AdapterDigest) async throws -> String {
        let folder = folder(of: adapter)
        guard FileManager.default.fileExists(atPath: folder.path) else {
            throw FledgeError(
                "adapter.missing", "the adapter \(adapter.short) is not in the store", place: root.path,
                hint: "restore the folder from a backup, or roll back to another release")
        }
        guard AdapterCheck(folder: folder).isIntact(adapter) else {
            throw FledgeError(
                "adapter.corrupted", "the stored adapter \(adapter.short) is not what was stored", place: folder.path,
                hint: "restore the folder from a backup, or roll back to another release")
        }
        return folder.path
    }

    private func folder(of adapter: AdapterDigest) -> URL {
        root.appending(path: adapter.rawValue, directoryHint: .isDirectory)
    }
}
