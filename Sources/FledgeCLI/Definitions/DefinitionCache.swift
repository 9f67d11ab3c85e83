import FledgeCore
import Foundation

/// What definitions came to when they were compiled, by the hash of all that it depends on.
///
/// What nobody has asked for in a month goes. Failing to keep or to remove a file costs half a second some day, nothing else.
package struct DefinitionCache: Sendable {
    package static let lifetime: TimeInterval = 30 * day
    private static let day: TimeInterval = 86_400

    package let folder: URL

    package init(folder: URL) { self.folder = folder }

    package func lines(for key: Digest) -> String? {
        let file = file(of: key)
        guard let lines = try? String(contentsOf: file, encoding: .utf8) else { return nil }
        // Saying once a day that it is in use is often enough.
        if age(of: file) > Self.day {
            try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: file.path)
        }
        return lines
    }

    package func keep(_ lines: String, for key: Digest) {
        try? Data(lines.utf8).write(to: file(of: key), options: .atomic)
        prune()
    }

    /// Once a day at the most: a whole folder of definitions may be compiled in a row.
    private func prune() {
        let mark = folder.appendingPathComponent("pruned")
        guard age(of: mark) > Self.day else { return }
        try? Data().write(to: mark)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] {
            let item = folder.appendingPathComponent(name)
            // A build's folder that is there the next day was left behind by one that was killed.
            let isOld =
                name.hasSuffix(".jsonl")
                ? age(of: item) > Self.lifetime
                : name.hasPrefix("build-") && age(of: item) > Self.day
            if isOld { try? FileManager.default.removeItem(at: item) }
        }
    }

    private func file(of key: Digest) -> URL { folder.appendingPathComponent("\(key).jsonl") }

    /// Seconds since the file was written; for ever where there is none.
    private func age(of file: URL) -> TimeInterval {
        let facts = try? FileManager.default.attributesOfItem(atPath: file.path)
        return (facts?[.modificationDate] as? Date).map { -$0.timeIntervalSinceNow } ?? .infinity
    }
}
