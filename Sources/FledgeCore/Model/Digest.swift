import Crypto
import Foundation

/// A SHA-256 digest as 64 lower-case hexadecimal digits.
package struct Digest: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    package let rawValue: String

    /// Fails for anything but 64 lower-case hexadecimal digits.
    package init?(rawValue: String) {
        let isHexadecimal = rawValue.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard rawValue.utf8.count == 64, isHexadecimal else { return nil }
        self.rawValue = rawValue
    }

    package init(of data: some DataProtocol) {
        rawValue = SHA256.hash(data: data).hexadecimal
    }

    /// Of a file's worth of bytes.
    ///
    /// - Throws: `CancellationError` where the task was cancelled.
    package init(ofLong bytes: some ContiguousBytes) throws(CancellationError) {
        var hash = SHA256()
        let piece = 1 << 24
        let isWhole = bytes.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: piece) {
                if Task.isCancelled { return false }
                hash.update(
                    bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + piece, bytes.count)]))
            }
            return true
        }
        guard isWhole else { throw CancellationError() }
        rawValue = hash.finalize().hexadecimal
    }

    /// Of bytes that come in pieces, which are not held together.
    package init<Failure: Error>(
        ofPieces pieces: ((UnsafeRawBufferPointer) -> Void) throws(Failure) -> Void
    ) throws(Failure) {
        var hash = SHA256()
        try pieces { hash.update(bufferPointer: $0) }
        rawValue = hash.finalize().hexadecimal
    }

    package init(of text: String) {
        self.init(of: Data(text.utf8))
    }

    /// HMAC-SHA-256: only who has the key can make it.
    package init(authenticating data: some DataProtocol, with key: String) {
        rawValue = HMAC<SHA256>.authenticationCode(for: data, using: SymmetricKey(data: Data(key.utf8)))
            .map { byte in String(format: "%02x", byte) }.joined()
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let digest = Digest(rawValue: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a SHA-256 digest")
        }
        self = digest
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    /// The first 12 digits, for people.
    package var short: String { String(rawValue.prefix(12)) }

    package var description: String { rawValue }
}

extension Sequence<UInt8> {
    /// Two lower-case digits a byte.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// A candidate's content hash.
package typealias CandidateID = Digest
/// An adapter's content hash.
package typealias AdapterDigest = Digest
