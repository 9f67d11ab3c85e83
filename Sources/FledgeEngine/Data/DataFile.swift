import FledgeCore
import Foundation

/// A data file as UTF-8 text.
struct DataFile {
    /// Larger files are refused rather than read into memory.
    static let maximumBytes = 1 << 30

    /// The digest of the file's bytes as they are, before they are decoded.
    let sha256: Digest
    /// Valid UTF-8.
    let bytes: [UInt8]
    /// Where the text begins, behind a byte order mark.
    let start: Int

    /// - Parameter path: on the machine that the file comes from; messages say it.
    /// - Throws: `data.not_allowed`, `data.not_sent`, `data.missing`, `data.unreadable`, `data.too_large`,
    ///   `data.unknown_format`, `data.not_utf8` (all exit 65), and what the client said of a file that it could not send;
    ///   `CancellationError` where the task was cancelled.
    init(path: String, source: DataSource = .disk(.system)) throws {
        let contents = try Self.contents(of: try Self.open(path, source), path)
        sha256 = try Digest(ofLong: contents)
        try CancellationPoint.check()
        let encoding = TextEncoding(of: contents)
        do throws(TextEncoding.Fault) {
            bytes = try encoding.utf8(contents)
        } catch {
            throw FledgeError(
                "data.not_utf8", error.message, place: "\(path):\(error.line)",
                hint: Self.hint(error, contents: contents, path: path))
        }
        start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    private static func open(_ path: String, _ source: DataSource) throws(FledgeError) -> OpenDataFile {
        switch source {
        case .disk(let places): return try OpenDataFile(path, places: places)
        case .sent(let files):
            switch files[path] {
            case .spooled(let place)?: return try OpenDataFile(place, shownAs: path)
            case .failed(let error)?: throw error
            case nil:
                throw FledgeError(
                    "data.not_sent", "the data file did not come with the request", place: path,
                    hint: "update fledge to the version of the daemon (\(FledgeVersion.current)), which sends it")
            }
        }
    }

    private static func contents(of file: OpenDataFile, _ path: String) throws -> [UInt8] {
        do {
            defer { try? file.handle.close() }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(file.identity.size)
            while let part = try file.handle.read(upToCount: 1 << 20), !part.isEmpty {
                bytes += part
                try CancellationPoint.check()
                // The file may have grown since its size was read.
                if bytes.count > maximumBytes { throw tooLarge(bytes.count, path) }
            }
            return bytes
        } catch let error where error is FledgeError || error is CancellationError {
            throw error
        } catch {
            throw OpenDataFile.unreadable(path)
        }
    }

    static func tooLarge(_ size: Int, _ path: String) -> FledgeError {
        FledgeError(
            "data.too_large", "the data file has \(size) bytes; at most \(maximumBytes) are read", place: path,
            hint: "sample it down: a few thousand rows are plenty")
    }

    /// What to type, where that is known.
    private static func hint(_ fault: TextEncoding.Fault, contents: [UInt8], path: String) -> String {
        let file = URL(filePath: path)
        let name = ShellWord.quoted(file.lastPathComponent)
        let new = ShellWord.quoted("utf8-" + file.lastPathComponent)
        guard let encoding = fault.probably else { return fault.advice ?? "save it as UTF-8" }
        return "\(fault.advice.map { $0 + ": " } ?? "")iconv -f \(encoding) -t UTF-8 \(name) > \(new)"
    }
}
