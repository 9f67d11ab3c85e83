import FledgeCore
import FledgeDocument
import Foundation
import Testing

@Suite("The period of a cap")
struct CapPeriodTests {
    private static func instant(_ text: String) throws -> Date { try #require(try? Date(text, strategy: .iso8601)) }

    struct Case: CustomTestStringConvertible, Sendable {
        var period: ForecastPeriod
        var zone: String
        var at: String
        var starts: String
        var ends: String
        var testDescription: String { "\(period.rawValue) in \(zone) at \(at)" }
    }

    @Test(
        "begins and ends with local midnights",
        arguments: [
            Case(
                period: .day, zone: "UTC", at: "2026-12-01T00:00:00Z", starts: "2026-12-01T00:00:00Z",
                ends: "2026-12-02T00:00:00Z"),
            Case(
                period: .day, zone: "Asia/Tokyo", at: "2026-12-01T14:59:59Z", starts: "2026-11-30T15:00:00Z",
                ends: "2026-12-01T15:00:00Z"),
            // A Sunday: the week has begun on Monday.
            Case(
                period: .week, zone: "UTC", at: "2026-11-29T23:59:59Z", starts: "2026-11-23T00:00:00Z",
                ends: "2026-11-30T00:00:00Z"),
            // The clocks change within.
            Case(
                period: .month, zone: "Europe/Berlin", at: "2026-03-31T12:00:00Z", starts: "2026-02-28T23:00:00Z",
                ends: "2026-03-31T22:00:00Z"),
            Case(
                period: .month, zone: "UTC", at: "2028-02-29T12:00:00Z", starts: "2028-02-01T00:00:00Z",
                ends: "2028-03-01T00:00:00Z"),
            Case(
                period: .month, zone: "UTC", at: "2026-12-31T23:00:00Z", starts: "2026-12-01T00:00:00Z",
                ends: "2027-01-01T00:00:00Z"),
            Case(
                period: .year, zone: "America/New_York", at: "2027-01-01T04:59:59Z", starts: "2026-01-01T05:00:00Z",
                ends: "2027-01-01T05:00:00Z"),
            // Midnight is skipped, and shown twice.
            Case(
                period: .day, zone: "America/Havana", at: "2026-03-08T12:00:00Z", starts: "2026-03-08T05:00:00Z",
                ends: "2026-03-09T04:00:00Z"),
            Case(
                period: .day, zone: "America/Havana", at: "2026-11-01T12:00:00Z", starts: "2026-11-01T05:00:00Z",
                ends: "2026-11-02T05:00:00Z"),
            // A day that the zone never had.
            Case(
                period: .day, zone: "Pacific/Apia", at: "2011-12-30T09:00:00Z", starts: "2011-12-29T10:00:00Z",
                ends: "2011-12-30T10:00:00Z"),
        ])
    func bounds(_ one: Case) throws {
        let found = try CapPeriod(one.period, zone: one.zone, containing: Self.instant(one.at))
        let (starts, ends) = (try Self.instant(one.starts), try Self.instant(one.ends))
        #expect(found.startsAt == starts)
        #expect(found.endsAt == ends)
    }

    @Test(
        "follows on the one before without a gap, for twenty years", arguments: ForecastPeriod.allCases,
        ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/Sao_Paulo"])
    func line(period: ForecastPeriod, zone: String) throws {
        var moment = try Self.instant("2015-06-15T12:00:00Z")
        let end = try Self.instant("2035-06-15T12:00:00Z")
        while moment < end {
            let found = try CapPeriod(period, zone: zone, containing: moment)
            #expect(found.startsAt <= moment && moment < found.endsAt)
            #expect(try CapPeriod(period, zone: zone, containing: found.endsAt).startsAt == found.endsAt)
            #expect(try CapPeriod(period, zone: zone, containing: found.endsAt.addingTimeInterval(-1)) == found)
            moment = found.endsAt.addingTimeInterval(3600)
        }
    }

    @Test("in a zone that nobody knows is an error of the definition")
    func unknown() throws {
        let error = #expect(throws: FledgeError.self) {
            _ = try CapPeriod(.day, zone: "Europe/Nowhere", containing: Date(timeIntervalSince1970: 0))
        }
        #expect(error?.code == "spend.unknown_zone")
    }
}
