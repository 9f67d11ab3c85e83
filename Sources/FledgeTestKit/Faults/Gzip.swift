/// The gzip form of bytes without any compression (RFC 1952, with stored blocks of RFC 1951 §3.2.4).
enum Gzip {
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        var blocks: [UInt8] = []
        for start in stride(from: 0, through: max(0, bytes.count - 1), by: 0xFFFF) {
            let end = min(start + 0xFFFF, bytes.count)
            let length = UInt16(end - start)
            blocks.append(end == bytes.count ? 1 : 0)
            blocks += littleEndian(length) + littleEndian(~length) + bytes[start..<end]
        }
        return header + blocks + littleEndian(checksum(bytes)) + littleEndian(UInt32(truncatingIfNeeded: bytes.count))
    }

    /// CRC-32 with the polynomial of RFC 1952 §8.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(0xFFFF_FFFF) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
    }

    private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
