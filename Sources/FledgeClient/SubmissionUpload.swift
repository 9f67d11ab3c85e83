import FledgeAPI
import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import Synchronization

/// The bytes of a submission, read from the disk as they are asked for.
///
/// A data file is opened when its turn comes, and has to be the one then, and at its end, that it was when its length was
/// told.
final class SubmissionUpload: Sendable {
    let byteCount: Int64
    private let progress: (any UploadProgress)?
    private let state: Mutex<State>

    private struct State {
        /// What is left of the header.
        var line: Data
        var files: [(path: String, identity: OpenDataFile.Identity)]
        var current: OpenDataFile?
        /// Of the current file.
        var left = 0
        var failure: FledgeError?
    }

    /// A file that can't be read is told to the daemon, which tells it with the definition's line.
    init(_ definitions: [ApplyRequest], progress: (any UploadProgress)?) throws {
        var definitions = definitions
        var files: [SubmissionHeader.File] = []
        var readable: [(path: String, identity: OpenDataFile.Identity)] = []
        var seen: [String: String] = [:]
        for index in definitions.indices {
            let definition = definitions[index]
            guard let dataset = definition.document.useCase.dataset else { continue }
            let path = dataset.path(relativeTo: definition.directory)
            definitions[index].dataPath = path
            if let first = seen.updateValue(path, forKey: path) {
                // Equal texts are not always equal names.
                guard first.utf8.elementsEqual(path.utf8) else {
                    throw FledgeError(
                        "request.bad_file", "two data files differ in the Unicode form of their names alone",
                        place: path, hint: "rename one of them")
                }
                continue
            }
            do throws(FledgeError) {
                let identity = try OpenDataFile(path, places: .system).identity
                if identity.size > 0 { readable.append((path, identity)) }
                files.append(.init(path: path, byteCount: Int64(clamping: identity.size)))
            } catch { files.append(.init(path: path, byteCount: 0, problem: error)) }
        }
        let header = SubmissionHeader(definitions: definitions, files: files)
        let line = try header.line()
        guard line.count <= SubmissionHeader.maximumBytes else {
            throw FledgeError(
                "request.too_large", "the definitions take more than \(SubmissionHeader.maximumBytes) bytes",
                hint: "apply fewer definitions at a time")
        }
        self.progress = progress
        byteCount = Int64(line.count) + header.byteCount
        state = Mutex(State(line: line, files: readable))
        progress?.begin(total: header.byteCount)
    }

    /// Why the reading ended early; nil where it did not.
    var failure: FledgeError? { state.withLock { $0.failure } }

    /// The next bytes; 0 at the end. - Throws: `data.changed`, and what opening a data file throws.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(FledgeError) -> Int {
        let result = state.withLock { state -> Result<Int, FledgeError> in
            do throws(FledgeError) { return .success(try next(into: buffer, &state)) } catch {
                state.failure = error
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func next(into buffer: UnsafeMutableRawBufferPointer, _ state: inout State) throws(FledgeError) -> Int {
        if !state.line.isEmpty {
            let count = state.line.copyBytes(to: buffer)
            state.line = state.line.dropFirst(count)
            return count
        }
        guard let (path, identity) = state.files.first else { return 0 }
        let file: OpenDataFile
        if let current = state.current {
            file = current
        } else {
            file = try OpenDataFile(path, places: .system)
            try file.check(isStill: identity)
            state.current = file
            state.left = identity.size
            progress?.file(path)
        }
        let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(state.left)))
        // It was cut meanwhile.
        guard count > 0 else { throw OpenDataFile.changed(path) }
        state.left -= count
        progress?.sent(count)
        if state.left == 0 {
            try file.check(isStill: identity)
            state.current = nil
            state.files.removeFirst()
        }
        return count
    }
}
