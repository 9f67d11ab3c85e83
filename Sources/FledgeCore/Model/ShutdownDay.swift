import Foundation

/// The day, in UTC, on which a server stops serving a model.
package struct ShutdownDay: Hashable, Sendable, Codable, CustomStringConvertible {
    /// From so many days before on, people are warned.
    package static let warningDays = 60

    /// As in `2027-01-14`.
    package let description: String
    /// Days since 1970-01-01.
    private let number: Int

    /// Of a date as in `2027-01-14`, or of one with a time behind it; nil for anything else.
    package init?(_ text: String) {
        guard let match = text.prefixMatch(of: /(\d{4})-(\d\d)-(\d\d)(?:$|[T ])/), let year = Int(match.1),
            let month = Int(match.2), let day = Int(match.3), (1...12).contains(month)
        else { return nil }
        self.init(number: Self.number(year, month, day))
        // The 31st of February is no day.
        guard description == "\(match.1)-\(match.2)-\(match.3)" else { return nil }
    }

    /// - Parameter seconds: since 1970-01-01; nil before that, and after the year 9999.
    package init?(secondsSince1970 seconds: Int) {
        guard (0..<253_402_300_800).contains(seconds) else { return nil }
        self.init(number: seconds / 86_400)
    }

    private init(number: Int) {
        self.number = number
        description = Self.text(number)
    }

    /// Days from now to its beginning: below zero once it is past.
    package func days(from now: Date) -> Int {
        number - Int(saturating: (now.timeIntervalSince1970 / 86_400).rounded(.down))
    }

    /// Whether people have to be warned: it is near, or past.
    package func isNear(_ now: Date) -> Bool { days(from: now) <= Self.warningDays }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let day = ShutdownDay(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a date as in 2027-01-14")
        }
        self = day
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// By years that begin in March, so that a leap day is the last of its year; an era has 400 years, or 146097 days.
    private static func number(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = (year / 400, year % 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func text(_ number: Int) -> String {
        let days = number + 719_468
        let (era, dayOfEra) = (days / 146_097, days % 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
