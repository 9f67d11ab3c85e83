import FledgeCLI
import FledgeCore
import FledgeTestKit
import Foundation
import Glibc
import ManagedProcess
import Testing

@Suite("Compiled definitions that are kept")
struct DefinitionCacheTests {
    @Test("what nobody has asked for in a month goes, and what is in use stays")
    func prunes() async throws {
        try await TemporaryDirectory.with { directory in
            let cache = DefinitionCache(folder: URL(fileURLWithPath: directory, isDirectory: true))
            try cache.prepare()
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

    @Test(
        "what somebody else wrote, or could have written, is not taken for a definition",
        arguments: ["chmod 666 FILE", "chmod 770 .", "chmod 777 .", "ln -f -s \"$PWD/kept\" FILE"])
    func foreign(command: String) async throws {
        try await TemporaryDirectory.with { directory in
            let folder = URL(fileURLWithPath: directory, isDirectory: true).appending(path: "definitions")
            let cache = DefinitionCache(folder: folder)
            try cache.prepare()
            let key = Digest(of: "mine")
            cache.keep("lines", for: key)
            #expect(cache.lines(for: key) == "lines")
            let script = "cp FILE kept; \(command)".replacing("FILE", with: "\(key).jsonl")
            let done = try await Command("/bin/sh", ["-c", script], workingDirectory: folder).run()
            #expect(done.exit.isSuccess)
            #expect(cache.lines(for: key) == nil)
        }
    }

    @Test("a file or a folder of another user is not taken", .enabled(if: geteuid() == 0))
    func otherUser() async throws {
        try await TemporaryDirectory.with { directory in
            let folder = URL(fileURLWithPath: directory, isDirectory: true).appending(path: "definitions")
            let cache = DefinitionCache(folder: folder)
            try cache.prepare()
            let key = Digest(of: "mine")
            cache.keep("lines", for: key)
            let file = folder.appending(path: "\(key).jsonl").path
            #expect(chown(file, 65_534, 65_534) == 0)
            #expect(cache.lines(for: key) == nil)
            #expect(chown(file, 0, 0) == 0)
            #expect(cache.lines(for: key) == "lines")
            #expect(chown(folder.path, 65_534, 65_534) == 0)
            #expect(cache.lines(for: key) == nil)
            let error = #expect(throws: FledgeError.self) { try cache.prepare() }
            #expect(error?.code == "definition.cache_unwritable" && error?.message.contains("another user's") == true)
        }
    }
}
