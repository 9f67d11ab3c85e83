import FledgeCore
import PostgresClient

extension Identifier: PostgresEncodable, PostgresDecodable {
    package func encode(into text: inout [UInt8]) { rawValue.encode(into: &text) }

    package static func decode(_ text: UnsafeBufferPointer<UInt8>) -> Self? {
        Int64.decode(text).map { Self(rawValue: $0) }
    }
}

extension Digest: PostgresEncodable, PostgresDecodable {
    package func encode(into text: inout [UInt8]) { rawValue.encode(into: &text) }

    package static func decode(_ text: UnsafeBufferPointer<UInt8>) -> Digest? {
        String.decode(text).flatMap { Digest(rawValue: $0) }
    }
}

extension Duration {
    /// Whole microseconds: what PostgreSQL's intervals count in.
    var wholeMicroseconds: Int64 { Int64(saturating: self / .microseconds(1)) }
}
