import FledgeCore
import FledgeDocument
import Foundation

/// Writes a release as a folder that another server can use: adapter files, prompt, model card and evidence.
struct ReleaseExport {
    let release: Release
    let adapterDirectory: String?

    /// - Throws: `release.export_exists` when the folder is there and not empty, `release.export_failed`.
    func write(into directory: String) throws(FledgeError) -> [String] {
        let files = FileManager.default
        let target = URL(fileURLWithPath: directory, isDirectory: true).standardizedFileURL
        if let content = try? files.contentsOfDirectory(atPath: target.path), !content.isEmpty {
            throw FledgeError(
                "release.export_exists", "the folder is not empty", place: target.path, hint: "name a new folder",
                exitCode: .cannotWrite)
        }
        let partial = target.deletingLastPathComponent().appending(
            path: ".\(target.lastPathComponent).\(UUID().uuidString)")
        do {
            try files.createDirectory(at: partial, withIntermediateDirectories: true)
            try Data(CanonicalJSON.text(of: release.bundle.candidate).utf8).write(
                to: partial.appending(path: "candidate.json"))
            try evidence().write(to: partial.appending(path: "evidence.json"))
            try Data(ModelCard(release: release).markdown.utf8).write(to: partial.appending(path: "README.md"))
            if let adapterDirectory {
                try files.copyItem(
                    at: URL(fileURLWithPath: adapterDirectory, isDirectory: true),
                    to: partial.appending(path: "adapter"))
            }
            try? files.removeItem(at: target)
            try files.moveItem(at: partial, to: target)
            return try files.subpathsOfDirectory(atPath: target.path).sorted().map { target.appending(path: $0).path }
        } catch {
            try? files.removeItem(at: partial)
            throw FledgeError(
                "release.export_failed", "the release cannot be written: \(error.localizedDescription)",
                place: target.path,
                hint: "check the folder's permissions and the disk's space", exitCode: .cannotWrite)
        }
    }

    private func evidence() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(release)
    }
}
