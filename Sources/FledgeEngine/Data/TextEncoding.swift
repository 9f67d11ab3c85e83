/// The encoding of a text file: what its byte order mark says, UTF-8 without one.
struct TextEncoding {
    /// Why bytes are no text.
    struct Fault: Error {
        var message: String
        /// From 1; lines end at LF, CR LF or CR.
        var line: Int
        /// The encoding that it seems to be in, by the name that iconv knows it by.
        var probably: String?
        var advice: String?
    }

    private enum Kind { case utf8, utf16(isLittleEndian: Bool), refused(Fault) }

    private let kind: Kind

    init(of bytes: [UInt8]) {
        kind =
            if bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF]) {
                .refused(Fault(message: "the data file is UTF-32, not UTF-8", line: 1, probably: "UTF-32"))
            } else if bytes.starts(with: [0xFF, 0xFE]) {
                .utf16(isLittleEndian: true)
            } else if bytes.starts(with: [0xFE, 0xFF]) {
                .utf16(isLittleEndian: false)
            } else if let name = Self.otherFormat(bytes) {
                .refused(
                    Fault(message: "the data file is \(name), no text", line: 1, advice: "export it as CSV in UTF-8"))
            } else if !bytes.starts(with: [0xEF, 0xBB, 0xBF]), let name = Self.unmarkedUTF16(bytes) {
                .refused(
                    Fault(
                        message: "the data file seems to be UTF-16 without a byte order mark", line: 1, probably: name))
            } else {
                .utf8
            }
    }

    /// The bytes in UTF-8, a byte order mark included where one stands in UTF-8 already.
    func utf8(_ bytes: [UInt8]) throws(Fault) -> [UInt8] {
        switch kind {
        case .refused(let fault): throw fault
        case .utf16(let isLittleEndian): return try Self.transcoded(bytes, isLittleEndian: isLittleEndian)
        case .utf8:
            do throws(UTF8.ValidationError) {
                _ = try UTF8Span(validating: bytes.span)
                return bytes
            } catch {
                throw Self.invalid(bytes, at: error.byteOffsets.lowerBound)
            }
        }
    }

    // MARK: UTF-8

    private static func invalid(_ bytes: [UInt8], at offset: Int) -> Fault {
        let hexadecimal = String(bytes[offset], radix: 16, uppercase: true)
        var fault = Fault(
            message: "the data file is not UTF-8: byte 0x\(hexadecimal)", line: line(of: offset, in: bytes))
        // A file that ends inside a character was cut off.
        if bytes[offset] >= 0xC2, bytes[offset] < 0xF5, offset + 4 > bytes.count,
            bytes[(offset + 1)...].allSatisfy({ $0 & 0xC0 == 0x80 })
        {
            fault.message = "the data file ends inside a character"
            fault.advice = "it seems to be cut off: copy it again"
        } else if bytes.contains(where: { [0x81, 0x8D, 0x8F, 0x90, 0x9D].contains($0) }) {
            // The bytes are no Windows-1252 either, the most likely other encoding.
            fault.advice = "convert it to UTF-8; iconv -l lists the encodings that it may be in"
        } else {
            fault.probably = "WINDOWS-1252"
            fault.advice = "if it comes from Windows or Excel in a western language"
        }
        return fault
    }

    private static func line(of offset: Int, in bytes: [UInt8]) -> Int {
        var line = 1
        for place in 0..<offset {
            if bytes[place] == 0x0D || bytes[place] == 0x0A && (place == 0 || bytes[place - 1] != 0x0D) { line += 1 }
        }
        return line
    }

    // MARK: UTF-16

    /// From bytes with a byte order mark.
    private static func transcoded(_ bytes: [UInt8], isLittleEndian: Bool) throws(Fault) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count / 2 + bytes.count / 4)
        func unit(_ place: Int) -> UInt32 {
            isLittleEndian
                ? UInt32(bytes[place + 1]) << 8 | UInt32(bytes[place])
                : UInt32(bytes[place]) << 8 | UInt32(bytes[place + 1])
        }
        var place = 2
        while place + 1 < bytes.count {
            var code = unit(place)
            place += 2
            if (0xD800..<0xDC00).contains(code), place + 1 < bytes.count {
                let low = unit(place)
                if (0xDC00..<0xE000).contains(low) {
                    code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
                    place += 2
                }
            }
            guard let scalar = Unicode.Scalar(code) else {
                throw Fault(
                    message: "the data file has half a pair of surrogates, no character",
                    line: line(of: text.count, in: text), advice: "mend that line, or save the file as UTF-8")
            }
            if code < 0x80 { text.append(UInt8(code)) } else { text += String(Character(scalar)).utf8 }
        }
        if place < bytes.count {
            throw Fault(
                message: "the data file ends inside a character", line: line(of: text.count, in: text),
                advice: "it seems to be cut off: copy it again")
        }
        return text
    }

    /// Text in which every other byte is 0, as in most of the first characters of any western text.
    private static func unmarkedUTF16(_ bytes: [UInt8]) -> String? {
        let head = bytes.prefix(256)
        guard head.count >= 4 else { return nil }
        let zeros = [0, 1].map { half in head.indices.count { $0 % 2 == half && head[$0] == 0 } }
        let enough = head.count * 2 / 5
        if zeros[1] >= enough, zeros[0] == 0 { return "UTF-16LE" }
        if zeros[0] >= enough, zeros[1] == 0 { return "UTF-16BE" }
        return nil
    }

    // MARK: No text

    private static func otherFormat(_ bytes: [UInt8]) -> String? {
        let signatures: [([UInt8], String)] = [
            ([0x50, 0x4B, 0x03, 0x04], "an Excel workbook or another zip archive"),
            ([0xD0, 0xCF, 0x11, 0xE0], "an old Excel workbook"), ([0x1F, 0x8B], "compressed by gzip"),
            ([0x50, 0x41, 0x52, 0x31], "a Parquet file"),
        ]
        return signatures.first { bytes.starts(with: $0.0) }?.1
    }
}
