import FledgeTestKit
import Foundation
import PostgresClient
import Testing

@Suite("Types")
struct RoundTripTests {
    private func roundTrip<Value: PostgresEncodable & PostgresDecodable & Equatable>(
        _ value: Value, as type: String
    ) async throws {
        let rows = try await PostgresFixture.shared.withDatabase(migrated: false) { pool in
            try await pool.query("SELECT $1::\(type) AS value", [value])
        }
        #expect(try rows[0].get("value", as: Value.self) == value)
    }

    @Test("integers", arguments: [0, 1, -1, Int.max, Int.min])
    func integers(value: Int) async throws { try await roundTrip(value, as: "bigint") }

    @Test("floating point", arguments: [0, 0.1, -1.5e300, 2.2250738585072014e-308, .infinity, -.infinity])
    func doubles(value: Double) async throws { try await roundTrip(value, as: "double precision") }

    @Test("booleans", arguments: [true, false])
    func booleans(value: Bool) async throws { try await roundTrip(value, as: "boolean") }

    @Test("texts", arguments: ["", "plain", "Ünïcödé 🎉", "line\nbreak\t\"quote\" 'single' \\ {}", "NULL"])
    func texts(value: String) async throws { try await roundTrip(value, as: "text") }

    @Test("UUIDs")
    func uuids() async throws { try await roundTrip(UUID(), as: "uuid") }

    @Test(
        "moments, to the microsecond",
        arguments: [
            0, 1_795_000_000.25, 1_795_000_000.999_999, -1.5, -62_135_596_800, -62_167_219_200.5, 64_092_211_200,
            951_782_400, -2_203_891_200,
        ])
    func dates(seconds: Double) async throws {
        let date = Date(timeIntervalSince1970: seconds)
        let rows = try await PostgresFixture.shared.withDatabase(migrated: false) { pool in
            try await pool.query(
                "SELECT $1::timestamptz AS value, extract(epoch FROM $1::timestamptz)::float8 AS seconds", [date])
        }
        #expect(abs(try rows[0].get("seconds", as: Double.self) - seconds) < 2e-6)
        #expect(abs(try rows[0].get("value", as: Date.self).timeIntervalSince(date)) < 2e-6)
    }

    @Test("a moment in another time zone, a date and a timestamp are read as UTC")
    func otherDates() async throws {
        let rows = try await PostgresFixture.shared.withDatabase(migrated: false) { pool in
            try await pool.withTransaction { connection in
                try await connection.execute("SET LOCAL TimeZone = 'Asia/Kathmandu'")
                return try await connection.query(
                    "SELECT to_timestamp(86400.5) AS zoned, date '1970-01-02' AS day, timestamp '1970-01-02 00:00:01' AS plain"
                )
            }
        }
        #expect(try rows[0].get("zoned", as: Date.self) == Date(timeIntervalSince1970: 86400.5))
        #expect(try rows[0].get("day", as: Date.self) == Date(timeIntervalSince1970: 86400))
        #expect(try rows[0].get("plain", as: Date.self) == Date(timeIntervalSince1970: 86401))
    }

    @Test("bytes, zeros included", arguments: [[], [0], Array(0...255)] as [[UInt8]])
    func bytes(value: [UInt8]) async throws {
        try await roundTrip(value, as: "bytea")
        try await roundTrip(Data(value), as: "bytea")
    }

    @Test("arrays of texts", arguments: [[], ["a"], ["", "NULL", "a,b", "\"q\"", "\\", "{}", " "]] as [[String]])
    func textArrays(value: [String]) async throws { try await roundTrip(value, as: "text[]") }

    @Test("arrays of other types")
    func otherArrays() async throws {
        try await roundTrip([1, -2, Int.max], as: "bigint[]")
        try await roundTrip([UUID(), UUID()], as: "uuid[]")
        try await roundTrip([0.5, -1e100], as: "float8[]")
        try await roundTrip([true, false], as: "bool[]")
    }

    @Test("arrays with NULLs are read with NULLs, or not at all")
    func nullsInArrays() async throws {
        let rows = try await PostgresFixture.shared.withDatabase(migrated: false) { pool in
            try await pool.query("SELECT $1::text[] AS value", [PostgresArray(["a", nil, "NULL"])])
        }
        #expect(try rows[0].get("value", as: PostgresArray<String>.self).elements == ["a", nil, "NULL"])
        #expect(throws: PostgresError.self) { try rows[0].get("value", as: [String].self) }
    }

    @Test("JSON travels as text")
    func json() async throws {
        let rows = try await PostgresFixture.shared.withDatabase(migrated: false) { pool in
            try await pool.query("SELECT $1::jsonb->>'a' AS a, $1::jsonb AS whole", [#"{"a": "ü\n"}"#])
        }
        #expect(try rows[0].get("a", as: String.self) == "ü\n")
        #expect(try rows[0].get("whole", as: String.self) == #"{"a": "ü\n"}"#)
    }
}
