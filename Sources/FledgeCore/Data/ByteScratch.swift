import Foundation

/// A buffer of bytes that is used again for each of many texts, so that memory is allocated once.
final class ByteScratch {
    private(set) var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private(set) var count = 0

    init() {
        capacity = 4096
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }
    var text: String { String(decoding: bytes, as: UTF8.self) }

    func clear() { count = 0 }

    func append(_ byte: UInt8) {
        reserve(1)
        base[count] = byte
        count += 1
    }

    func append(_ text: String) {
        var text = text
        text.withUTF8(append)
    }

    func append(_ more: UnsafeBufferPointer<UInt8>) {
        guard let source = more.baseAddress else { return }
        reserve(more.count)
        (base + count).update(from: source, count: more.count)
        count += more.count
    }

    /// Replaces what is there.
    func set(_ text: String) {
        clear()
        append(text)
    }

    /// Appends a text's folding; appends nothing and is false where the text is not ASCII.
    func append(_ text: UnsafeBufferPointer<UInt8>, by folding: ASCIIFolding) -> Bool {
        guard let source = text.baseAddress else { return true }
        reserve(text.count)
        let written = folding.fold(source, text.count, into: base + count)
        if let written { count += written }
        return written != nil
    }

    static func areEqual(_ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard one.count == other.count else { return false }
        guard let first = one.baseAddress, let second = other.baseAddress else { return true }
        return memcmp(first, second, one.count) == 0
    }

    static func isASCII(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        var seen: UInt8 = 0
        var place = 0
        while place < bytes.count {
            seen |= base[place]
            place += 1
        }
        return seen < 0x80
    }

    private func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = max(2 * capacity, count + more)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: base, count: count)
        base.deallocate()
        base = larger
    }
}

/// ASCII in lower case, with every run of white space as one space and none at the ends: `NormalizedText` by a table.
struct ASCIIFolding: Sendable {
    /// As `NormalizedText.light`.
    static let light = ASCIIFolding(isPlain: false)
    /// As `NormalizedText.plain`, but empty where nothing but punctuation is there.
    static let plain = ASCIIFolding(isPlain: true)

    private static let kept: UInt8 = 0
    private static let space: UInt8 = 1
    private static let dropped: UInt8 = 2

    /// Of each byte, what becomes of it, and its kind behind that.
    private let table: [UInt8]

    private init(isPlain: Bool) {
        var table = [UInt8](repeating: 0, count: 512)
        for byte in 0..<256 {
            let isSpace = byte == 0x20 || (0x09...0x0D).contains(byte)
            let isMark = isPlain && byte < 0x80 && "!\"#%&()*,-./:;?@[\\]_{}".utf8.contains(UInt8(byte))
            table[byte] = isSpace || isMark ? 0x20 : UInt8(byte | ((0x41...0x5A).contains(byte) ? 0x20 : 0))
            // Swift takes the information separators for control characters, as Unicode does, and not for white space.
            table[256 + byte] = isSpace || isMark ? Self.space : isPlain && byte == 0x27 ? Self.dropped : Self.kept
        }
        self.table = table
    }

    /// How many bytes were written, at most as many as were read; nil where the text is not ASCII.
    fileprivate func fold(_ source: UnsafePointer<UInt8>, _ count: Int, into target: UnsafeMutablePointer<UInt8>)
        -> Int?
    {
        table.withUnsafeBufferPointer { table in
            guard let folded = table.baseAddress else { return nil }
            let kinds = folded + 256
            var written = 0
            var seen: UInt8 = 0
            // The kinds that are passed over: at the beginning, and behind a space, another one.
            var passed = Self.dropped | Self.space
            var place = 0
            while place < count {
                let byte = source[place]
                seen |= byte
                let kind = kinds[Int(byte)]
                target[written] = folded[Int(byte)]
                written &+= kind & passed == 0 ? 1 : 0
                passed = kind == Self.dropped ? passed : Self.dropped | kind
                place &+= 1
            }
            if seen >= 0x80 { return nil }
            return written > 0 && target[written - 1] == 0x20 ? written - 1 : written
        }
    }
}
