import FledgeEngine
import FledgeTestKit
import Foundation
import Glibc
import ManagedProcess
import Testing

@Suite("What a sandbox shows of weights")
struct WeightsPlacesTests {
    @Test(
        "a GGUF file is shown with the others of a model that is split, and with no file beside it",
        arguments: [
            ("/models/m.gguf", ["/models/m.gguf"]),
            (
                "/models/m-00001-of-00003.gguf",
                ["/models/m-00001-of-00003.gguf", "/models/m-00002-of-00003.gguf", "/models/m-00003-of-00003.gguf"]
            ),
            ("/models/m-00001-of-99999.gguf", ["/models/m-00001-of-99999.gguf"]),
            ("/models/m-00001-of-00000.gguf", ["/models/m-00001-of-00000.gguf"]),
        ])
    func files(path: String, seen: [String]) {
        // Nothing is there in these tests, and nothing is shown then.
        let places = seen.map { Sandbox.Place($0, isOptional: true) }
        #expect(WeightsPlaces(path).all == places && WeightsPlaces(path).read == places)
    }

    @Test("a folder is shown as it is, and one with links by its files")
    func folders() async throws {
        try await TemporaryDirectory.with { directory in
            let folder = directory + "/model"
            try FileManager.default.createDirectory(atPath: folder + "/more", withIntermediateDirectories: true)
            for name in ["config.json", "model.safetensors"] {
                try Data("x".utf8).write(to: URL(filePath: "\(folder)/\(name)"))
            }
            #expect(WeightsPlaces(folder).all == [Sandbox.Place(folder)])
            let read = [folder, folder + "/config.json", folder + "/model.safetensors"]
            #expect(WeightsPlaces(folder).read == read.map { Sandbox.Place($0) })
            try Data("x".utf8).write(to: URL(filePath: directory + "/blob"))
            #expect(symlink(directory + "/blob", folder + "/tokenizer.json") == 0)
            #expect(symlink(directory + "/nothing", folder + "/vocab.json") == 0)
            #expect(
                WeightsPlaces(folder).all
                    == ["config.json", "model.safetensors", "tokenizer.json"].map { Sandbox.Place("\(folder)/\($0)") })
            #expect(WeightsPlaces(folder).read == [Sandbox.Place(folder)] + WeightsPlaces(folder).all)
        }
    }

    @Test("what opens weights to a user names where they lie, not the links that lead there")
    func hints() async throws {
        try await TemporaryDirectory.with { made in
            let resolved = try #require(realpath(made, nil))
            defer { free(resolved) }
            let directory = String(cString: resolved)
            let files = FileManager.default
            for folder in ["plain", "snapshot", "blobs", "mixed", "it's"] {
                try files.createDirectory(atPath: "\(directory)/\(folder)", withIntermediateDirectories: false)
            }
            for file in ["plain/a", "blobs/1", "blobs/2", "mixed/a", "model.gguf", "it's/a"] {
                try Data("x".utf8).write(to: URL(filePath: "\(directory)/\(file)"))
            }
            for (link, target) in [
                ("snapshot/a", "../blobs/1"), ("snapshot/b", "../blobs/2"), ("mixed/b", "../blobs/2"),
                ("current", "plain"), ("served.gguf", "model.gguf"),
            ] {
                #expect(symlink(target, "\(directory)/\(link)") == 0)
            }
            func opened(_ weights: String, _ unreadable: String) -> String {
                WeightsPlaces("\(directory)/\(weights)").hint(for: "\(directory)/\(unreadable)", user: 65_522)
            }
            func command(_ path: String) -> String { "setfacl -R -m u:65522:rX \(path)," }
            for (weights, unreadable, closed) in [
                ("plain", "plain/a", "plain"), ("plain", "plain", "plain"), ("current", "current/a", "plain"),
                ("snapshot", "snapshot/b", "blobs"), ("mixed", "mixed/b", "blobs/2"), ("mixed", "mixed/a", "mixed"),
                ("served.gguf", "served.gguf", "model.gguf"),
            ] {
                #expect(opened(weights, unreadable).contains(command("\(directory)/\(closed)")), "\(weights)")
            }
            #expect(opened("it's", "it's/a").contains(command("'\(directory)/it'\\''s'")))
        }
    }
}
