import FledgeCore
import FledgeDocument
import Foundation
import ManagedProcess

/// What identifies weights: the SHA-256 of a GGUF file, or of the list of a folder's files with their own.
///
/// Reading gigabytes takes seconds: what a file's digest was is kept in the cache for as long as its size and its time of
/// change stay.
package struct WeightsDigest: Sendable {
    private let cache: URL

    /// - Parameter cache: the folder for what is kept.
    package init(cache: URL) { self.cache = cache }

    /// - Throws: `model.weights_missing` where a file cannot be read; `CancellationError` where the task was cancelled.
    package func digest(of weights: WeightsDefinition) throws -> Digest {
        switch weights {
        case .gguf(let file): return try digest(ofFile: file)
        case .huggingFace(let path, _, _):
            let folder = WeightsFolder(path: path)
            var list = ""
            for name in folder.files { list += "\(try digest(ofFile: folder.file(name)))  \(name)\n" }
            guard !list.isEmpty else { throw Self.missing(path) }
            return Digest(of: list)
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
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: real),
            let size = attributes[.size] as? Int, let changed = attributes[.modificationDate] as? Date
        else { throw Self.missing(path) }
        let note = cache.appending(path: "digests/\(Digest(of: path).short).json")
        if let known = try? JSONDecoder().decode(Known.self, from: Data(contentsOf: note)), known.path == path,
            known.size == size, known.changed == changed.timeIntervalSince1970
        {
            return known.digest
        }
        // Piece by piece: there may be more of it than of memory.
        guard let file = try? ForeignFile(real),
            let digest = try? Digest(ofPieces: { take throws(ProcessError) in
                try file.pieces(from: 0) {
                    take($0)
                    return !Task.isCancelled
                }
            })
        else { throw Self.missing(path) }
        try CancellationPoint.check()
        let known = Known(path: path, size: size, changed: changed.timeIntervalSince1970, digest: digest)
        // Only a memory: where it cannot be kept, the file is read again.
        try? FileManager.default.createDirectory(
            at: note.deletingLastPathComponent(), withIntermediateDirectories: true)
        try? JSONEncoder().encode(known).write(to: note, options: .atomic)
        return digest
    }

    private static func missing(_ path: String) -> FledgeError {
        FledgeError(
            "model.weights_missing", "the weights at \(path) cannot be read", place: path,
            hint: "copy them there, or name where they lie, and run fledge apply")
    }
}
