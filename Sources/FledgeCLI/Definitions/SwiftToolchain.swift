import FledgeCore
import Foundation
import ManagedProcess

/// The installation that a compiler belongs to.
struct SwiftToolchain: Sendable {
    /// The folder with `bin` and `lib`.
    let root: String

    var compiler: String { root + "/bin/swiftc" }

    /// Links are followed to it; a launcher that chooses among toolchains is asked.
    ///
    /// - Throws: `ProcessError` where the compiler doesn't tell.
    init(of compiler: String) async throws {
        let real = URL(filePath: compiler).resolvingSymlinksInPath()
        let beside = real.deletingLastPathComponent().deletingLastPathComponent()
        if FileManager.default.fileExists(atPath: beside.appending(path: "lib/swift").path),
            FileManager.default.isExecutableFile(atPath: beside.appending(path: "bin/swiftc").path)
        {
            root = beside.path
            return
        }
        struct Target: Decodable {
            struct Paths: Decodable { var runtimeResourcePath: String }
            var paths: Paths
        }
        let told = try await Command(compiler, ["-print-target-info"]).run(timeout: .seconds(30))
        guard let target = try? JSONProfile.foreign.value(Target.self, from: told.output) else {
            throw ProcessError(
                .failed, "\(compiler) does not tell where its toolchain is",
                hint: "name the toolchain's own usr/bin/swiftc in \(DefinitionCompiler.compilerVariable)")
        }
        let resources = URL(filePath: target.paths.runtimeResourcePath).resolvingSymlinksInPath()
        root = resources.deletingLastPathComponent().deletingLastPathComponent().path
    }
}
