import FledgeCore
import Foundation
import Testing

@Suite("The day on which a model is shut down")
struct ShutdownDayTests {
    @Test(
        "days are read, with or without a time behind them, and the seconds of each are the same day",
        arguments: [
            ("1970-01-01", 0), ("2000-02-29", 951_782_400), ("2024-03-01T12:00:00Z", 1_709_251_200),
            ("2027-01-14", 1_799_884_800), ("2026-12-31 23:59", 1_798_675_200),
        ])
    func read(text: String, seconds: Int) throws {
        let day = try #require(ShutdownDay(text))
        #expect(day.description == text.prefix(10))
        #expect(ShutdownDay(secondsSince1970: seconds) == day)
        #expect(ShutdownDay(secondsSince1970: seconds + 86_399) == day)
        #expect(day.days(from: Date(timeIntervalSince1970: Double(seconds) + 86_399)) == 0)
        #expect(day.days(from: Date(timeIntervalSince1970: Double(seconds) - 1)) == 1)
        #expect(try JSONDecoder().decode([ShutdownDay].self, from: JSONEncoder().encode([day])) == [day])
    }

    @Test("what is no day is none", arguments: ["", "soon", "2027-02-29", "2027-13-01", "2027-1-1", "2027-01-145"])
    func none(text: String) {
        #expect(ShutdownDay(text) == nil)
        #expect(ShutdownDay(secondsSince1970: -1) == nil && ShutdownDay(secondsSince1970: .max) == nil)
    }

    @Test("people are warned from sixty days before on", arguments: [(61, false), (60, true), (0, true), (-400, true)])
    func near(days: Int, isNear: Bool) throws {
        let day = try #require(ShutdownDay("2027-01-14"))
        #expect(day.isNear(Date(timeIntervalSince1970: 1_799_884_800 - Double(days) * 86_400)) == isNear)
    }

    @Test("every day is that of the calendar, over the leap years of nine centuries")
    func calendar() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        // A step that has no divisor in common with the lengths of weeks, months and years.
        for number in stride(from: 0, to: 330_000, by: 11) {
            let date = Date(timeIntervalSince1970: Double(number) * 86_400)
            let parts = calendar.dateComponents([.year, .month, .day], from: date)
            let text = String(format: "%04d-%02d-%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
            let day = try #require(ShutdownDay(secondsSince1970: number * 86_400))
            try #require(day.description == text)
            try #require(ShutdownDay(text)?.days(from: date) == 0)
        }
        #expect(ShutdownDay(secondsSince1970: 253_402_300_799)?.description == "9999-12-31")
        #expect(ShutdownDay(secondsSince1970: 253_402_300_800) == nil)
        #expect(ShutdownDay("0999-01-01")?.description == "0999-01-01")
    }
}
