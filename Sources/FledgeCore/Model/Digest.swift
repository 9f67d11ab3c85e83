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

    package init(of text: String) {
        self.init(of: Data(text.utf8))
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

extension SHA256.Digest {
    fileprivate var hexadecimal: String {
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
