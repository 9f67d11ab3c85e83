import Crypto

/// One step of the schema: SQL that is applied once, in a transaction, and never changed afterwards.
package struct Migration: Sendable, Hashable {
    /// The number in the file's name, from 1, without gaps.
    package let version: Int
    /// What the file's name says after the number.
    package let name: String
    package let sql: String
    /// SHA-256 of the file, in hexadecimal.
    package let checksum: String
    /// What a build has to know to go on working once this is applied: 0 for a migration that only adds; for one that takes
    /// away what an earlier one replaced, that one's number, from its first line: `-- contract of m0012`.
    package let needs: Int

    package init(version: Int, name: String, sql: [UInt8]) {
        self.version = version
        self.name = name
        self.sql = String(decoding: sql, as: UTF8.self)
        needs = self.sql.prefixMatch(of: /-- contract of m([0-9]{4})\n/).flatMap { Int($0.1) } ?? 0
        checksum = SHA256.hash(data: sql).map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
