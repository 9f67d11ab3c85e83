import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeTestKit
import Foundation
import Glibc
import Synchronization
import Testing

@testable import FledgeClient

@Suite("What is sent with definitions")
struct SubmissionUploadTests {
    private static func definition(_ name: String, data: String, in folder: String) -> ApplyRequest {
        let definition = UseCaseDefinition(
            name: name, purpose: "Test.", owner: "tests",
            dataset: DatasetDefinition(path: data, inputs: ["text"], expected: "label"))
        return ApplyRequest(
            document: DefinitionDocument(useCase: definition, sourceFile: "\(name).swift"), sourceText: "…",
            directory: folder, actor: "")
    }

    /// Reads on in pieces of a length.
    private static func read(_ upload: SubmissionUpload, by length: Int = 1000, most: Int = .max) throws -> Data {
        var all = Data()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 1)
        defer { buffer.deallocate() }
        while all.count < most {
            let count = try upload.read(into: buffer)
            if count == 0 { break }
            all.append(contentsOf: buffer.prefix(count))
        }
        return all
    }

    private final class Progress: UploadProgress {
        let said = Mutex<[String]>([])
        let bytes = Mutex(0)

        func begin(total: Int64) { said.withLock { $0.append("\(total)") } }
        func file(_ path: String) { said.withLock { $0.append((path as NSString).lastPathComponent) } }
        func sent(_ count: Int) { bytes.withLock { $0 += count } }
        func end() { said.withLock { $0.append("end") } }
    }

    @Test("the header says how long each file is, and the files follow, each once", arguments: [1, 7, 1000, 1 << 20])
    func bytes(length: Int) throws {
        let folder = try TemporaryDirectory.make()
        defer { try? TemporaryDirectory.remove(folder) }
        let (first, second) = (Data((0..<5000).map { UInt8(truncatingIfNeeded: $0) }), Data("x\n".utf8))
        try first.write(to: URL(filePath: folder + "/a.csv"))
        try second.write(to: URL(filePath: folder + "/b.csv"))
        let progress = Progress()
        let upload = try SubmissionUpload(
            [
                Self.definition("one", data: "a.csv", in: folder), Self.definition("two", data: "./b.csv", in: folder),
                Self.definition("three", data: folder + "/a.csv", in: "/elsewhere"),
                Self.definition("four", data: "none.csv", in: folder),
            ], progress: progress)
        let sent = try Self.read(upload, by: length)
        #expect(Int64(sent.count) == upload.byteCount)
        let end = try #require(sent.firstIndex(of: 0x0A))
        #expect(sent[(end + 1)...] == first + second)
        struct Header: Decodable {
            struct File: Decodable { var path: String; var byteCount: Int; var problem: FledgeError? }
            struct Definition: Decodable { var dataPath: String? }
            var files: [File]
            var definitions: [Definition]
        }
        let header = try JSONDecoder().decode(Header.self, from: sent[..<end])
        #expect(header.files.map(\.path) == ["a", "b", "none"].map { "\(folder)/\($0).csv" })
        #expect(header.files.map(\.byteCount) == [5000, 2, 0])
        #expect(header.files.map(\.problem?.code) == [nil, nil, "data.missing"])
        #expect(header.definitions.map(\.dataPath) == ["a", "b", "a", "none"].map { "\(folder)/\($0).csv" })
        #expect(progress.said.withLock { $0 } == ["5002", "a.csv", "b.csv"] && progress.bytes.withLock { $0 } == 5002)
    }

    @Test("two files whose names only look alike are not taken for one")
    func lookalikes() throws {
        let folder = try TemporaryDirectory.make()
        defer { try? TemporaryDirectory.remove(folder) }
        let definitions = ["\u{E9}.csv", "e\u{301}.csv"].map { Self.definition("one", data: $0, in: folder) }
        let error = #expect(throws: FledgeError.self) { try SubmissionUpload(definitions, progress: nil) }
        #expect(error?.code == "request.bad_file")
        _ = try SubmissionUpload([definitions[0], definitions[0]], progress: nil)
    }

    /// What somebody does to a file.
    enum Change {
        case appended, cut, replaced, overwritten, removed
    }

    @Test(
        "a file that is changed while it is sent, or before its turn, is told and ends the sending",
        arguments: [
            (.appended, 0), (.cut, 0), (.replaced, 0), (.overwritten, 0), (.removed, 0),
            // A file that is open stays what it was when its name goes.
            (.appended, 4000), (.cut, 4000), (.overwritten, 4000),
        ] as [(Change, Int)])
    func changed(change: Change, read: Int) throws {
        let folder = try TemporaryDirectory.make()
        defer { try? TemporaryDirectory.remove(folder) }
        let path = folder + "/a.csv"
        try Data(count: 10_000).write(to: URL(filePath: path))
        // Two changes within a tick of the clock have one time.
        try FileManager.default.setAttributes([.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: path)
        let upload = try SubmissionUpload([Self.definition("one", data: "a.csv", in: folder)], progress: nil)
        let line = upload.byteCount - 10_000
        _ = try Self.read(upload, by: 100, most: Int(line) + read)
        switch change {
        case .appended:
            let handle = try FileHandle(forWritingTo: URL(filePath: path))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data("more".utf8))
            try handle.close()
        case .cut: #expect(truncate(path, 5000) == 0)
        case .replaced:
            try Data(count: 10_000).write(to: URL(filePath: path + ".new"))
            #expect(rename(path + ".new", path) == 0)
        case .overwritten:
            let handle = try FileHandle(forWritingTo: URL(filePath: path))
            try handle.write(contentsOf: Data("x".utf8))
            try handle.close()
        case .removed: #expect(unlink(path) == 0)
        }
        let error = #expect(throws: FledgeError.self) { try Self.read(upload) }
        #expect(error?.code == (change == .removed ? "data.missing" : "data.changed"))
        #expect(error?.place == path && upload.failure == error)
    }
}
