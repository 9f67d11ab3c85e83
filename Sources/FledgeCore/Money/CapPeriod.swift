import FledgeDocument
import Foundation

/// The period of a cap that a moment lies in: a day, an ISO week (from Monday), a month or a year of the Gregorian calendar,
/// by the clocks of a zone.
///
/// It begins with the local midnight of its first day. Where the clocks skip that, it begins with the change that skips it;
/// where they show it twice, with the second time (and a moment between the two is in the period that begins then). That is
/// what PostgreSQL makes of `date_trunc(period, moment AT TIME ZONE zone) AT TIME ZONE zone`, by which the function `spend_rule`
/// of the schema finds when a cycle at its cap goes on.
package struct CapPeriod: Hashable, Sendable {
    package var startsAt: Date
    /// The beginning of the next one.
    package var endsAt: Date

    /// Of a cap that names no zone.
    package static let defaultZone = "UTC"

    /// - Throws: `spend.unknown_zone`.
    package init(_ period: ForecastPeriod, zone name: String, containing moment: Date) throws(FledgeError) {
        guard let zone = TimeZone(identifier: name) else {
            throw FledgeError(
                "spend.unknown_zone", "\(name) is not the IANA name of a time zone", hint: ZoneName.hint(for: name))
        }
        let local = moment.timeIntervalSince1970 + Double(zone.secondsFromGMT(for: moment))
        let today = CivilDay(sinceEpoch: Int(saturating: (local / 86_400).rounded(.down)))
        let first = today.first(of: period)
        startsAt = Self.midnight(of: first, in: zone)
        endsAt = Self.midnight(of: first.following(period), in: zone)
    }

    private static func midnight(of day: CivilDay, in zone: TimeZone) -> Date {
        let local = Double(day.sinceEpoch) * 86_400
        func offset(at seconds: Double) -> Double {
            Double(zone.secondsFromGMT(for: Date(timeIntervalSince1970: seconds)))
        }
        // Every offset that holds near this time: zones lie within 15 hours of UTC.
        let offsets = Set((-15...15).map { offset(at: local + Double($0) * 3600) })
        let shown = offsets.map { local - $0 }.filter { $0 + offset(at: $0) == local }
        // Skipped: read by the clocks of before the change.
        return Date(timeIntervalSince1970: shown.max() ?? local - (offsets.min() ?? 0))
    }
}
