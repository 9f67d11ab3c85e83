import FledgeCore

/// The 512 bytes before a file in a tar archive, in the form of POSIX.1-1988 (ustar).
struct TarHeader: Hashable, Sendable {
    static let blockSize = 512
    /// Eleven octal digits.
    static let largestFile: Int64 = 1 << 33 - 1

    let name: String
    let size: Int64

    /// How many bytes follow the file's own, to the next block.
    var padding: Int { Int((Int64(Self.blockSize) - size % Int64(Self.blockSize)) % Int64(Self.blockSize)) }

    /// - Throws: `release.export_failed` for a name or a size that has no place here.
    init(name: String, size: Int64) throws(FledgeError) {
        guard name.utf8.count <= 100, (0...Self.largestFile).contains(size), ReleaseFolder.isSafe(name) else {
            throw FledgeError(
                "release.export_failed", "a file of \(size) bytes can't be sent", place: name)
        }
        self.name = name
        self.size = size
    }

    var bytes: [UInt8] {
        var block = [UInt8](repeating: 0, count: Self.blockSize)
        func put(_ text: String, at place: Int) {
            block.replaceSubrange(place..<place + text.utf8.count, with: text.utf8)
        }
        put(name, at: 0)
        put(Self.octal(0o600, digits: 7), at: 100)
        put(Self.octal(0, digits: 7), at: 108)
        put(Self.octal(0, digits: 7), at: 116)
        put(Self.octal(size, digits: 11), at: 124)
        put(Self.octal(0, digits: 11), at: 136)
        put("0", at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put(Self.octal(Int64(Self.sum(block)), digits: 6), at: 148)
        return block
    }

    /// - Throws: `release.bad_archive` for anything but a plain file with a name that stays in its folder.
    init(_ block: [UInt8]) throws(FledgeError) {
        func field(_ range: Range<Int>) -> String? {
            String(validating: block[range].prefix { $0 != 0 }, as: UTF8.self)
        }
        guard block.count == Self.blockSize, block[257..<262].elementsEqual("ustar".utf8),
            let sum = field(148..<156).flatMap(Self.number), sum == Int64(Self.sum(block))
        else { throw Self.refusal("what came is not a release") }
        guard let name = field(0..<100), block[345] == 0, ReleaseFolder.isSafe(name) else {
            throw Self.refusal("a file's name leads out of its folder")
        }
        // Links, devices and folders have other letters.
        guard block[156] == UInt8(ascii: "0") || block[156] == 0, block[157] == 0 else {
            throw Self.refusal("\(name) is not a plain file")
        }
        guard let size = field(124..<136).flatMap(Self.number), size >= 0 else {
            throw Self.refusal("\(name) has no size")
        }
        self.name = name
        self.size = size
    }

    static func refusal(_ message: String) -> FledgeError {
        FledgeError(
            "release.bad_archive", message, hint: "check that fledge and fledged are of the same version")
    }

    /// The sum of the header's bytes, where those of the sum itself count as spaces.
    private static func sum(_ block: [UInt8]) -> Int {
        block.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
    }

    private static func octal(_ number: Int64, digits: Int) -> String {
        let text = String(number, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    private static func number(_ text: String) -> Int64? {
        let digits = text.trimmingPrefix { $0 == " " }.prefix { $0 != " " }
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x37).contains($0) }) else { return nil }
        return Int64(digits, radix: 8)
    }
}
