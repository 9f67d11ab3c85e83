import FledgeCore
import FledgeEngine
import Testing

@Suite("Encodings of data files") struct TextEncodingTests {
    private static func utf16(_ text: String, isLittleEndian: Bool, mark: Bool = true) -> [UInt8] {
        ((mark ? [0xFEFF] : []) + Array(text.utf16)).flatMap { unit in
            let bytes = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
            return isLittleEndian ? bytes.reversed() : bytes
        }
    }

    @Test("UTF-16 with a byte order mark is read", arguments: [true, false])
    func utf16(_ isLittleEndian: Bool) async throws {
        let csv = Self.utf16("text\tlabel\r\nä 😀 \u{200D},x\ty\r\n", isLittleEndian: isLittleEndian)
        #expect(try await DataFixture.read("d.csv", csv).pairs == [["ä 😀 \u{200D},x", "y"]])
        let lines = Self.utf16(#"{"text": "ж", "label": "x"}"#, isLittleEndian: isLittleEndian)
        #expect(try await DataFixture.read("d.jsonl", lines).pairs == [["ж", "x"]])
    }

    @Test("a file that is no text is refused with its first bad line and what to type")
    func refused() async throws {
        let header = Array("text,label\r\na,x\r\n".utf8)
        let cases: [(bytes: [UInt8], line: Int, says: String, hint: String)] = [
            (header + [0x63, 0x61, 0x66, 0xE9, 0x2C, 0x79], 3, "byte 0xE9", "iconv -f WINDOWS-1252 -t UTF-8 d.csv"),
            (header + [0x81, 0x2C, 0x79], 3, "byte 0x81", "iconv -l"),
            (header + [0xE2, 0x82], 3, "ends inside a character", "cut off"),
            (
                Self.utf16("text,label\na,x\n", isLittleEndian: true, mark: false), 1, "UTF-16",
                "iconv -f UTF-16LE -t UTF-8"
            ),
            (Self.utf16("text,label\na,x\n", isLittleEndian: false, mark: false), 1, "UTF-16", "iconv -f UTF-16BE"),
            ([0xFF, 0xFE, 0, 0, 0x74, 0, 0, 0], 1, "UTF-32", "iconv -f UTF-32 -t UTF-8 d.csv > utf8-d.csv"),
            ([0xFF, 0xFE, 0x61, 0x00, 0x0A, 0x00, 0x00, 0xD8, 0x61, 0x00], 2, "surrogates", "mend that line"),
            ([0xFF, 0xFE, 0x61, 0x00, 0x61], 1, "ends inside a character", "cut off"),
            ([0x50, 0x4B, 0x03, 0x04, 0x14], 1, "an Excel workbook", "export it as CSV"),
            ([0x1F, 0x8B, 0x08], 1, "gzip", "export"),
        ]
        for item in cases {
            let error = await DataFixture.refusal("d.csv", item.bytes)
            #expect(error?.code == "data.not_utf8" && error?.exitCode == .badData)
            #expect(error?.place?.hasSuffix("/d.csv:\(item.line)") == true, "\(error?.place ?? "")")
            #expect(error?.message.contains(item.says) == true, "\(error?.message ?? "")")
            #expect(error?.hint?.contains(item.hint) == true, "\(error?.hint ?? "")")
        }
    }

    @Test("a byte order mark of UTF-8 is believed, whatever NUL characters follow")
    func marked() async throws {
        // As UTF-16 without a mark, but for the mark.
        let bytes: [UInt8] = [0xEF, 0xBB, 0xBF, 0x00, 0x74, 0x00, 0x61, 0x00]
        let contents = try await DataFixture.read("d.csv", bytes)
        #expect(contents.rows.isEmpty && contents.problems.allSatisfy { $0.line == 1 })
        #expect(await DataFixture.refusal("d.csv", Array(bytes.dropFirst(3)) + [0x62, 0x00])?.code == "data.not_utf8")
    }
}
