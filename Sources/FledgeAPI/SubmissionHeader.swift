import FledgeCore
import FledgeDocument
import Foundation

/// What stands before the data of `POST /v1/definitions/plan` and `/apply`: one line of JSON, ended by a line feed. The
/// files follow in its order, each with as many bytes as it says, and nothing between or behind them.
package struct SubmissionHeader: Codable, Hashable, Sendable {
    package static let contentType = "application/vnd.fledge.submission"
    /// The longest line, in bytes, its end included.
    package static let maximumBytes = ControlLimits.maximumBodyBytes
    /// How many definitions a request brings, at most; from 1.
    package static let maximumDefinitions = 256
    /// Bytes a second that an upload is given time for, besides what a request without data has.
    package static let slowestRate: Int64 = 64 << 10

    /// A data file that definitions name.
    package struct File: Codable, Hashable, Sendable {
        /// That of ``ApplyRequest/dataPath``. It is a name alone: nothing is opened or written there.
        package var path: String
        /// 0 where the client could not read it.
        package var byteCount: Int64
        /// Why the client could not read it; nil where it could.
        package var problem: FledgeError?

        package init(path: String, byteCount: Int64, problem: FledgeError? = nil) {
            self.path = path
            self.byteCount = byteCount
            self.problem = problem
        }
    }

    package var definitions: [ApplyRequest]
    /// Each once, whoever names it.
    package var files: [File]

    package init(definitions: [ApplyRequest], files: [File]) {
        self.definitions = definitions
        self.files = files
    }

    /// The line, with its end.
    package func line() throws -> Data { try JSONProfile.wire.data(of: self) + [0x0A] }

    /// Of all files together, after ``check(within:)``.
    package var byteCount: Int64 { files.reduce(0) { $0 + $1.byteCount } }

    /// - Throws: `request.malformed`, `request.nul_character`, `request.bad_file`, `request.too_many_files`,
    ///   `data.too_large`, `request.too_large`: for the first thing that is wrong.
    package func check(within limits: SubmissionLimits) throws(FledgeError) {
        guard !definitions.isEmpty else {
            throw FledgeError(
                "request.malformed", "the request brings no definition", hint: "send one at least")
        }
        guard definitions.count <= Self.maximumDefinitions else {
            throw FledgeError(
                "request.too_many_files",
                "the request brings \(definitions.count) definitions; at most \(Self.maximumDefinitions) are taken",
                hint: "apply fewer definitions at a time")
        }
        guard files.count <= limits.files else {
            throw FledgeError(
                "request.too_many_files",
                "the request brings \(files.count) data files; at most \(limits.files) are taken",
                hint: "apply fewer definitions at a time")
        }
        for definition in definitions { try Self.check(definition) }
        // A file is read once for each definition that names it.
        let named = Dictionary(
            definitions.filter { $0.document.useCase.dataset != nil }.compactMap(\.dataPath).map { ($0, 1 as Int64) },
            uniquingKeysWith: +)
        var seen: Set<String> = []
        var total: Int64 = 0
        for file in files {
            guard seen.insert(file.path).inserted else { throw Self.badFile(file.path, "comes twice") }
            guard let readers = named[file.path] else {
                throw Self.badFile(file.path, "is named by no definition of the request")
            }
            guard file.byteCount >= 0, file.problem == nil || file.byteCount == 0 else {
                throw Self.badFile(file.path, "has a length that is none")
            }
            guard file.byteCount <= limits.fileBytes else {
                throw FledgeError(
                    "data.too_large",
                    "the data file has \(file.byteCount) bytes; the daemon takes at most \(limits.fileBytes)",
                    place: file.path, hint: "sample it down: a few thousand rows are plenty")
            }
            let (bytes, isLarge) = file.byteCount.multipliedReportingOverflow(by: readers)
            let (sum, isOver) = total.addingReportingOverflow(bytes)
            guard !isLarge, !isOver, sum <= limits.requestBytes else { throw Self.tooLarge(limits) }
            total = sum
        }
    }

    package static func tooLarge(_ limits: SubmissionLimits) -> FledgeError {
        FledgeError(
            "request.too_large",
            "the request brings more than the \(limits.requestBytes) bytes of data that the daemon takes at once",
            hint: "apply fewer definitions at a time, or sample the data down")
    }

    /// NUL in the document is the validator's to tell, with its line.
    private static func check(_ definition: ApplyRequest) throws(FledgeError) {
        let texts = [
            "sourceText": definition.sourceText, "directory": definition.directory, "actor": definition.actor,
        ]
        for (field, text) in texts.sorted(by: { $0.key < $1.key }) where text.utf8.contains(0) {
            throw FledgeError(
                "request.nul_character", "\(field) holds a NUL character", hint: "take it out: nothing can store it")
        }
        if let path = definition.dataPath, let problem = problem(of: path) { throw badFile(path, problem) }
    }

    private static func problem(of path: String) -> String? {
        if path.utf8.count > 4096 { return "has a path of more than 4096 bytes" }
        if path.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            return "has a path with control characters"
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 1, parts[0].isEmpty, parts.dropFirst().allSatisfy({ !["", ".", ".."].contains($0) }) else {
            return "has a path that is not absolute, or not the shortest: without //, . and .."
        }
        return nil
    }

    private static func badFile(_ path: String, _ problem: String) -> FledgeError {
        FledgeError(
            "request.bad_file", "a data file of the request \(problem)", place: InertText.line(path, limit: 300),
            hint: "check that fledge and fledged are of the same version")
    }
}
