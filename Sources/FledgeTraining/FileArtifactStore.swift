import FledgeCore
import FledgeEngine
import Foundation
import ManagedProcess

/// Keeps adapters in folders that are named after their content.
package struct FileArtifactStore: ArtifactStore {
    private let root: URL

    package init(directory: String) { root = URL(fileURLWithPath: directory, isDirectory: true) }

    package func store(adapterAt directory: String, expecting lora: ExpectedAdapter) async throws -> AdapterFacts {
        let partial = root.appending(path: ".partial-\(UUID().uuidString)", directoryHint: .isDirectory)
        defer { remove(partial.lastPathComponent) }
        do {
            // Copied by descriptors first, and checked then: a process that the trainer has left behind may still change what
            // it has made, but not the copy.
            try copy(directory, to: partial)
            let facts = try AdapterCheck(folder: partial, place: directory).check(expecting: lora)
            try put(partial, at: folder(of: facts.digest), facts.digest)
            return facts
        } catch let error as FledgeError { throw error } catch let error as CancellationError { throw error } catch {
            let message = (error as? ProcessError)?.message ?? error.localizedDescription
            throw FledgeError(
                "artifacts.not_writable", "the adapter cannot be stored: \(message)", place: root.path,
                hint: "check the disk's space and the folder's permissions, then fledge retry")
        }
    }

    /// Leaves a sound adapter at a place: one that is there already, or else the copy. A damaged one is moved away first; what
    /// another daemon has mended meanwhile stays.
    private func put(_ copy: URL, at target: URL, _ digest: AdapterDigest) throws {
        let files = FileManager.default
        for _ in 1...3 {
            if files.fileExists(atPath: target.path) {
                if try AdapterCheck(folder: target).isIntact(digest) {
                    // An adapter that is stored again is in use, so its time of change is renewed.
                    try? files.setAttributes([.modificationDate: Date()], ofItemAtPath: target.path)
                    return
                }
                let damaged = root.appending(path: ".partial-\(UUID().uuidString)", directoryHint: .isDirectory)
                do { try files.moveItem(at: target, to: damaged) } catch  where !files.fileExists(atPath: target.path) {
                }
                remove(damaged.lastPathComponent)
            }
            do { return try files.moveItem(at: copy, to: target) } catch  where files.fileExists(atPath: target.path) {}
        }
        throw ProcessError(.fileSystem, "\(target.path) is damaged, and others put it there again and again")
    }

    /// Takes the files of an adapter from somebody else's folder, all of them together within the bound.
    private func copy(_ directory: String, to partial: URL) throws {
        let source: FileTree?
        do { source = try FileTree(withoutLinks: directory) } catch {
            throw AdapterCheck.failure(error, directory)
        }
        guard let source else {
            throw AdapterCheck.refusal("adapter.missing", "there is no such folder", directory)
        }
        let names = try AdapterCheck.names(in: source, directory).keys.sorted()
        try PrivateFolder.make(partial.path)
        var left = AdapterCheck.largest
        for name in names {
            let found: ForeignFile?
            do { found = try source.file(name) } catch { throw AdapterCheck.failure(error, directory) }
            guard let file = found else { continue }
            do throws(ProcessError) { try file.copy(to: partial.appending(path: name).path, limit: left) } catch {
                // Where the copy can't be written, the error has no number.
                guard error.code == .tooLarge || error.number != nil else { throw error }
                throw AdapterCheck.failure(error, directory)
            }
            left -= min(left, file.size)
        }
    }

    private func remove(_ name: String) {
        let real = root.resolvingSymlinksInPath().path
        guard let tree = try? FileTree(withoutLinks: real), let entries = try? tree.entries() else { return }
        for entry in entries where entry.name == name { try? tree.remove(entry) }
    }

    package func directory(of adapter: AdapterDigest) async throws -> String {
        let folder = folder(of: adapter)
        let isThere: Bool
        do { isThere = try WholeFile.status(of: folder.path) != nil } catch {
            throw AdapterCheck.failure(error, folder.path)
        }
        guard isThere else {
            throw FledgeError(
                "adapter.missing", "the adapter \(adapter.short) is not in the store", place: root.path,
                hint: "restore the folder from a backup, or roll back to another release")
        }
        guard try AdapterCheck(folder: folder).isIntact(adapter) else {
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
