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

    /// - Throws: `data.not_allowed`, `data.missing`, `data.unreadable`, `data.too_large`, `data.unknown_format`,
    ///   `data.not_utf8` (all exit 65); `CancellationError` where the task was cancelled.
    init(path: String, places: DataPlaces = .system) throws {
        let contents = try Self.contents(of: path, places)
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

    private static func contents(of path: String, _ places: DataPlaces) throws -> [UInt8] {
        try places.check(path)
        let attributes = try? FileManager.default.attributesOfItem(
            atPath: URL(filePath: path).resolvingSymlinksInPath().path)
        guard let attributes else {
            throw FledgeError(
                "data.missing", "there is no data file at this path", place: path,
                hint: "paths in Dataset(…) are relative to the definition's folder")
        }
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
            throw FledgeError(
                "data.unreadable", "the data is not a file", place: path, hint: "name a file in Dataset(…)")
        }
        let size = attributes[.size] as? Int ?? 0
        do {
            guard size <= maximumBytes else { throw tooLarge(size, path) }
            let handle = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? handle.close() }
            try places.check(handle, named: path)
            var bytes: [UInt8] = []
            bytes.reserveCapacity(size)
            while let part = try handle.read(upToCount: 1 << 20), !part.isEmpty {
                bytes += part
                try CancellationPoint.check()
                // The file may have grown since its size was read.
                if bytes.count > maximumBytes { throw tooLarge(bytes.count, path) }
            }
            return bytes
        } catch let error where error is FledgeError || error is CancellationError {
            throw error
        } catch {
            throw FledgeError(
                "data.unreadable", "the data file cannot be read", place: path, hint: "check its permissions")
        }
    }

    private static func tooLarge(_ size: Int, _ path: String) -> FledgeError {
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
