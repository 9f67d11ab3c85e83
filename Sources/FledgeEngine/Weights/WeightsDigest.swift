import FledgeCore
import FledgeDocument
import Foundation
import Glibc
import ManagedProcess

/// What identifies weights: the SHA-256 of a GGUF file, or of the list of a folder's files with their own.
///
/// Reading gigabytes takes seconds: what a file's digest was is kept in the cache for as long as its size and its time of
/// change stay.
package struct WeightsDigest: Sendable {
    private let cache: URL

    /// - Parameter cache: the folder for what is kept.
    package init(cache: URL) { self.cache = cache }

    /// - Throws: `model.weights_missing` where there are none, `model.weights_unreadable` where one can't be read, or
    ///   `file.unread` where that may pass; `CancellationError` where the task was cancelled.
    package func digest(of weights: WeightsDefinition) throws -> Digest {
        switch weights {
        case .gguf(let file): return try digest(ofFile: file)
        case .huggingFace(let path, _, _):
            let folder = WeightsFolder(path: path)
            var list = ""
            for name in try Self.files(of: folder) { list += "\(try digest(ofFile: folder.file(name)))  \(name)\n" }
            guard !list.isEmpty else { throw Self.missing(path) }
            return Digest(of: list)
        }
    }

    /// As ``WeightsFolder/files``; a file that can't be read is not left out, since the rest would pass for other weights.
    private static func files(of folder: WeightsFolder) throws(FledgeError) -> [String] {
        try reading(folder.path) { () throws(ProcessError) in
            var files: [String] = []
            for name in try WholeFile.names(in: folder.path) ?? [] where WeightsFolder.matters(name) {
                // A link that leads nowhere is none.
                guard let status = try WholeFile.status(of: folder.file(name)) else { continue }
                if status.st_mode & S_IFMT != S_IFDIR { files.append(name) }
            }
            return files
        }
    }

    private static func reading<Value>(
        _ path: String, _ body: () throws(ProcessError) -> Value
    ) throws(FledgeError) -> Value {
        do { return try body() } catch {
            if error.code == .notPlain { throw missing(path) }
            throw FledgeError(
                unread: error, "model.weights_unreadable", "the weights can't be read", place: path,
                hint: "let the daemon read them, then fledge retry")
        }
    }

    private struct Known: Codable {
        var path: String
        var size: Int
        var changed: Double
        var digest: Digest
    }

    private func digest(ofFile path: String) throws -> Digest {
        // The hub's cache has links in its folders.
        let real = URL(filePath: path).resolvingSymlinksInPath().path
        guard try Self.reading(real, { () throws(ProcessError) in try WholeFile.status(of: real) }) != nil,
            let attributes = try? FileManager.default.attributesOfItem(atPath: real),
            let size = attributes[.size] as? Int, let changed = attributes[.modificationDate] as? Date
        else { throw Self.missing(path) }
        let note = cache.appending(path: "digests/\(Digest(of: path).short).json")
        if let known = try? JSONProfile.foreign.value(Known.self, from: Data(contentsOf: note)), known.path == path,
            known.size == size, known.changed == changed.timeIntervalSince1970
        {
            return known.digest
        }
        // Piece by piece: there may be more of it than of memory.
        let read = try Self.reading(real) { () throws(ProcessError) -> Digest? in
            guard let file = try ForeignFile(real) else { return nil }
            return try Digest(ofPieces: { take throws(ProcessError) in
                try file.pieces(from: 0) {
                    take($0)
                    return !Task.isCancelled
                }
            })
        }
        guard let digest = read else { throw Self.missing(path) }
        try CancellationPoint.check()
        let known = Known(path: path, size: size, changed: changed.timeIntervalSince1970, digest: digest)
        // Only a memory: where it cannot be kept, the file is read again.
        try? FileManager.default.createDirectory(
            at: note.deletingLastPathComponent(), withIntermediateDirectories: true)
        try? JSONProfile.foreign.data(of: known).write(to: note, options: .atomic)
        return digest
    }

    private static func missing(_ path: String) -> FledgeError {
        FledgeError(
            "model.weights_missing", "the weights at \(path) cannot be read", place: path,
            hint: "copy them there, or name where they lie, and run fledge apply")
    }
}
