import FledgeDocument
import Foundation

/// The instants at which a report is due.
///
/// A slot is a local wall-clock time in an IANA zone. A time that a forward change of the clock skips is due at the
/// first instant after the gap; one that a backward change repeats is due once, the first time. Of several slots that
/// were missed only the latest is due: a report covers the whole time since the one before it.
package enum ReportSchedule {
    /// The first slot after an instant.
    ///
    /// - Throws: `FledgeError` with code `schedule.bad_time`, `schedule.unknown_zone` or `schedule.bad_day`.
    package static func nextSlot(
        after instant: Date, definition: ReportScheduleDefinition
    ) throws(FledgeError) -> Date {
        let clock = try WallClock(definition)
        var day = clock.day(of: instant).advanced(by: -1)
        // A month has at most 31 days, so that some slot lies well within this many.
        for _ in 0..<70 {
            if day.matches(definition.recurrence) {
                let slot = clock.instant(on: day)
                if slot > instant { return slot }
            }
            day = day.advanced(by: 1)
        }
        throw FledgeError("schedule.no_slot", "the schedule has no slot after \(instant)")
    }

    /// The latest slot in `last < slot <= now`, or nil when none was missed: the catch-up rule.
    ///
    /// - Throws: as `nextSlot(after:definition:)`.
    package static func slotDue(
        last: Date, now: Date, definition: ReportScheduleDefinition
    ) throws(FledgeError) -> Date? {
        let clock = try WallClock(definition)
        var day = clock.day(of: now).advanced(by: 1)
        for _ in 0..<70 {
            if day.matches(definition.recurrence) {
                let slot = clock.instant(on: day)
                if slot <= now { return slot > last ? slot : nil }
            }
            day = day.advanced(by: -1)
        }
        return nil
    }
}

/// A time of day in a zone.
private struct WallClock {
    let zone: TimeZone
    let secondsIntoDay: Int

    init(_ definition: ReportScheduleDefinition) throws(FledgeError) {
        guard let zone = TimeZone(identifier: definition.zone) else {
            throw FledgeError(
                "schedule.unknown_zone", "the time zone \(definition.zone) is not known",
                hint: "use an IANA name such as Europe/Berlin or UTC")
        }
        let parts = definition.time.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
        else {
            throw FledgeError(
                "schedule.bad_time", "\(definition.time) is not a time of day",
                hint: "write hours and minutes, from 00:00 to 23:59")
        }
        if case .monthly(let day) = definition.recurrence, !(1...31).contains(day) {
            throw FledgeError(
                "schedule.bad_day", "\(day) is not a day of the month",
                hint: "use 1 to 31; a shorter month's last day stands in")
        }
        self.zone = zone
        secondsIntoDay = hour * 3600 + minute * 60
    }

    func day(of instant: Date) -> CivilDay {
        let local = instant.timeIntervalSince1970 + Double(zone.secondsFromGMT(for: instant))
        return CivilDay(sinceEpoch: Int(saturating: (local / 86_400).rounded(.down)))
    }

    /// The first instant at which the clocks of the zone show the time of day, or have passed it.
    func instant(on day: CivilDay) -> Date {
        let local = Double(day.sinceEpoch * 86_400 + secondsIntoDay)
        // Every offset that holds near this time: zones lie within 14 hours of UTC.
        let offsets = Set((-15...15).map { offset(at: local + Double($0) * 3600) })
        let shown = offsets.map { local - $0 }.filter { $0 + offset(at: $0) == local }
        if let first = shown.min() { return Date(timeIntervalSince1970: first) }
        // Skipped: the change lies between the time as read with the later and with the earlier offset.
        var before = local - (offsets.max() ?? 0)
        var after = local - (offsets.min() ?? 0)
        while after - before > 1 {
            let middle = ((before + after) / 2).rounded(.down)
            if middle + offset(at: middle) < local { before = middle } else { after = middle }
        }
        return Date(timeIntervalSince1970: after)
    }

    private func offset(at seconds: Double) -> Double {
        Double(zone.secondsFromGMT(for: Date(timeIntervalSince1970: seconds)))
    }
}
