import FledgeCLI
import FledgeCore
import FledgeTestKit
import Foundation
import Testing

@Suite("Compiled definitions that are kept")
struct DefinitionCacheTests {
    @Test("what nobody has asked for in a month goes, and what is in use stays")
    func prunes() async throws {
        try await TemporaryDirectory.with { directory in
            let cache = DefinitionCache(folder: URL(fileURLWithPath: directory, isDirectory: true))
            func age(_ name: String, days: Double) throws {
                let path = "\(directory)/\(name)"
                if !FileManager.default.fileExists(atPath: path) {
                    try "x".write(toFile: path, atomically: true, encoding: .utf8)
                }
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: -days * 86_400)], ofItemAtPath: path)
            }
            let (used, unused, new) = (Digest(of: "used"), Digest(of: "unused"), Digest(of: "new"))
            for key in [used, unused] {
                cache.keep("lines of \(key)", for: key)
                try age("\(key).jsonl", days: 40)
            }
            try age("build-left", days: 2)
            try age("build-running", days: 0)
            #expect(cache.lines(for: used) == "lines of \(used)")
            try age("pruned", days: 2)
            cache.keep("new", for: new)
            #expect(cache.lines(for: used) != nil && cache.lines(for: new) == "new")
            #expect(cache.lines(for: unused) == nil)
            let left = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(left.contains("build-running") && !left.contains("build-left"))
        }
    }
}
