import FledgeCore
import FledgeDocument
import Foundation

/// What a release is for another server: adapter files, prompt, model card and evidence.
struct ReleaseExport {
    let release: Release
    let adapterDirectory: String?

    /// - Throws: `release.export_failed`.
    func archive() throws(FledgeError) -> ReleaseArchive {
        do {
            var files: [ReleaseArchive.File] = [
                .init("README.md", .bytes(Array(ModelCard(release: release).markdown.utf8)))
            ]
            if let adapterDirectory {
                for name in try FileManager.default.contentsOfDirectory(atPath: adapterDirectory).sorted() {
                    files.append(.init("adapter/\(name)", .file("\(adapterDirectory)/\(name)")))
                }
            }
            let candidate = Array(CanonicalJSON.text(of: release.bundle.candidate).utf8)
            files.append(.init("candidate.json", .bytes(candidate)))
            files.append(.init("evidence.json", .bytes(Array(try JSONProfile.exported.indentedText(of: release).utf8))))
            return ReleaseArchive(files)
        } catch {
            throw FledgeError(
                "release.export_failed", "the release cannot be read: \(error.localizedDescription)",
                place: adapterDirectory, hint: "see the daemon's log")
        }
    }
}
