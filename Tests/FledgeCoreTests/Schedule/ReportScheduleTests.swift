import FledgeCore
import FledgeDocument
import Foundation
import Testing

@Suite("Report schedules")
struct ReportScheduleTests {
    private func instant(_ text: String) throws -> Date {
        try #require(try? Date(text, strategy: .iso8601))
    }

    private func next(after text: String, _ recurrence: Recurrence, at time: String, in zone: String) throws -> Date {
        try ReportSchedule.nextSlot(
            after: instant(text), definition: .init(recurrence: recurrence, time: time, zone: zone, formats: [.html]))
    }

    struct Change: Sendable {
        let zone: String
        let time: String
        let after: String
        let due: String
        let dueNext: String
    }

    @Test(
        "a time that the clocks skip is due right after the gap, and one that they repeat is due once, the first time",
        arguments: [
            // Forward.
            Change(
                zone: "Europe/Berlin", time: "02:30", after: "2026-03-28T12:00:00Z", due: "2026-03-29T01:00:00Z",
                dueNext: "2026-03-30T00:30:00Z"),
            Change(
                zone: "America/New_York", time: "02:15", after: "2026-03-07T12:00:00Z", due: "2026-03-08T07:00:00Z",
                dueNext: "2026-03-09T06:15:00Z"),
            Change(
                zone: "Australia/Lord_Howe", time: "02:10", after: "2026-10-03T00:00:00Z", due: "2026-10-03T15:30:00Z",
                dueNext: "2026-10-04T15:10:00Z"),
            Change(
                zone: "Australia/Sydney", time: "02:00", after: "2026-10-03T00:00:00Z", due: "2026-10-03T16:00:00Z",
                dueNext: "2026-10-04T15:00:00Z"),
            // Backward.
            Change(
                zone: "Europe/Berlin", time: "02:30", after: "2026-10-24T12:00:00Z", due: "2026-10-25T00:30:00Z",
                dueNext: "2026-10-26T01:30:00Z"),
            Change(
                zone: "America/New_York", time: "01:59", after: "2026-10-31T12:00:00Z", due: "2026-11-01T05:59:00Z",
                dueNext: "2026-11-02T06:59:00Z"),
            Change(
                zone: "Australia/Lord_Howe", time: "01:45", after: "2026-04-04T00:00:00Z", due: "2026-04-04T14:45:00Z",
                dueNext: "2026-04-05T15:15:00Z"),
            Change(
                zone: "Australia/Sydney", time: "02:30", after: "2026-04-04T00:00:00Z", due: "2026-04-04T15:30:00Z",
                dueNext: "2026-04-05T16:30:00Z"),
            // A day that a zone never had.
            Change(
                zone: "Pacific/Apia", time: "09:00", after: "2011-12-30T01:00:00Z", due: "2011-12-30T10:00:00Z",
                dueNext: "2011-12-30T19:00:00Z"),
        ])
    func clockChanges(_ change: Change) throws {
        let due = try next(after: change.after, .daily, at: change.time, in: change.zone)
        #expect(due == (try instant(change.due)))
        let following = try next(after: change.due, .daily, at: change.time, in: change.zone)
        #expect(following == (try instant(change.dueNext)))
    }

    @Test(
        "a year of daily slots has one for each day",
        arguments: [
            "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Australia/Sydney", "UTC", "Asia/Kathmandu",
        ], ["00:00", "01:30", "02:00", "02:30", "23:59"])
    func oncePerDay(zone: String, time: String) throws {
        let definition = ReportScheduleDefinition(recurrence: .daily, time: time, zone: zone, formats: [])
        var slot = try ReportSchedule.nextSlot(after: instant("2026-01-01T12:00:00Z"), definition: definition)
        for _ in 0..<365 {
            let following = try ReportSchedule.nextSlot(after: slot, definition: definition)
            let hours = following.timeIntervalSince(slot) / 3600
            #expect((22.5...25.5).contains(hours))
            slot = following
        }
        let expected = try next(after: "2027-01-01T12:00:00Z", .daily, at: time, in: zone)
        #expect(slot == expected)
    }

    @Test("a weekly slot keeps its local time across a change of the clocks")
    func weekly() throws {
        #expect(
            try next(after: "2026-03-23T08:00:00Z", .weekly(.monday), at: "09:00", in: "Europe/Berlin")
                == instant("2026-03-30T07:00:00Z"))
        #expect(
            try next(after: "2026-11-21T05:00:00Z", .weekly(.monday), at: "09:00", in: "Europe/Berlin")
                == instant("2026-11-23T08:00:00Z"))
        // Monday morning in Sydney is still Sunday in UTC.
        #expect(
            try next(after: "2026-11-21T05:00:00Z", .weekly(.monday), at: "09:00", in: "Australia/Sydney")
                == instant("2026-11-22T22:00:00Z"))
    }

    @Test(
        "a month that is too short gives its last day",
        arguments: [
            ("2026-01-31T12:00:00Z", 31, "2026-02-28T09:00:00Z"), ("2028-02-01T00:00:00Z", 30, "2028-02-29T09:00:00Z"),
            ("2026-04-01T00:00:00Z", 31, "2026-04-30T09:00:00Z"), ("2026-12-31T09:00:00Z", 1, "2027-01-01T09:00:00Z"),
            ("2026-01-01T09:00:00Z", 1, "2026-02-01T09:00:00Z"),
        ])
    func monthly(after: String, day: Int, due: String) throws {
        #expect(try next(after: after, .monthly(day: day), at: "09:00", in: "UTC") == instant(due))
    }

    @Test("of several missed slots only the latest is due")
    func catchesUpOnce() throws {
        let definition = ReportScheduleDefinition(recurrence: .daily, time: "09:00", zone: "UTC", formats: [.html])
        func due(_ last: String, _ now: String) throws -> Date? {
            try ReportSchedule.slotDue(last: instant(last), now: instant(now), definition: definition)
        }
        #expect(try due("2026-01-01T09:00:00Z", "2026-01-11T10:00:00Z") == instant("2026-01-11T09:00:00Z"))
        #expect(try due("2026-01-11T09:00:00Z", "2026-01-12T08:59:59Z") == nil)
        #expect(try due("2026-01-11T09:00:00Z", "2026-01-12T09:00:00Z") == instant("2026-01-12T09:00:00Z"))
        #expect(try due("2026-01-12T09:00:00Z", "2026-01-12T09:00:00Z") == nil)
    }

    @Test(
        "a schedule that cannot be read is an error with a code",
        arguments: [
            ("9:00", "UTC", 1, "schedule.bad_time"), ("24:00", "UTC", 1, "schedule.bad_time"),
            ("", "UTC", 1, "schedule.bad_time"),
            ("09:0x", "UTC", 1, "schedule.bad_time"), ("09:00", "Mars/Olympus", 1, "schedule.unknown_zone"),
            ("09:00", "UTC", 0, "schedule.bad_day"), ("09:00", "UTC", 32, "schedule.bad_day"),
        ])
    func rejects(time: String, zone: String, day: Int, code: String) throws {
        let error = #expect(throws: FledgeError.self) {
            try next(after: "2026-01-01T00:00:00Z", .monthly(day: day), at: time, in: zone)
        }
        #expect(error?.code.rawValue == code)
    }

    @Test(
        "every slot of two years is where Foundation's calendar has it, and is due exactly from then on",
        arguments: [
            "Europe/Berlin", "Europe/London", "America/New_York", "America/Los_Angeles", "Australia/Sydney",
            "Australia/Adelaide",
        ], ["00:00", "01:30", "02:00", "02:30", "03:00"])
    func calendar(zone: String, time: String) throws {
        let definition = ReportScheduleDefinition(recurrence: .daily, time: time, zone: zone, formats: [])
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: zone))
        let parts = time.split(separator: ":").compactMap { Int($0) }
        let start = try instant("2026-01-01T12:00:00Z")
        var slot = try ReportSchedule.nextSlot(after: start, definition: definition)
        for _ in 0..<730 {
            let following = try ReportSchedule.nextSlot(after: slot, definition: definition)
            // The calendar is asked for the day's own time: it, too, takes the first of two and the end of a gap. (Where a
            // gap is of half an hour, as on Lord Howe Island, it passes over the day.)
            let day = calendar.startOfDay(for: following)
            let expected = calendar.date(
                bySettingHour: parts[0], minute: parts[1], second: 0, of: day, matchingPolicy: .nextTime,
                repeatedTimePolicy: .first)
            #expect(following == expected)
            let beforehand = following.addingTimeInterval(-1)
            #expect(try ReportSchedule.slotDue(last: slot, now: beforehand, definition: definition) == nil)
            #expect(try ReportSchedule.slotDue(last: slot, now: following, definition: definition) == following)
            slot = following
        }
    }

    @Test(
        "what was missed over a change of the clocks is caught up with the latest alone",
        arguments: [
            // Last fired, now, due: forward in Berlin and New York, backward in Berlin and Sydney.
            ("Europe/Berlin", "2026-03-27T01:30:00Z", "2026-03-29T00:59:59Z", "2026-03-28T01:30:00Z"),
            ("Europe/Berlin", "2026-03-27T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
            ("America/New_York", "2026-03-06T07:30:00Z", "2026-03-08T07:00:00Z", "2026-03-08T07:00:00Z"),
            // 02:30 comes twice: after the second it is not due again.
            ("Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", nil),
            ("Australia/Sydney", "2026-04-04T15:30:00Z", "2026-04-04T16:30:00Z", nil),
            ("Australia/Sydney", "2026-04-01T15:30:00Z", "2026-04-04T16:30:00Z", "2026-04-04T15:30:00Z"),
        ])
    func catchesUpOverChanges(zone: String, last: String, now: String, due: String?) throws {
        let definition = ReportScheduleDefinition(recurrence: .daily, time: "02:30", zone: zone, formats: [])
        let found = try ReportSchedule.slotDue(last: instant(last), now: instant(now), definition: definition)
        #expect(found == (try due.map(instant)))
    }
}
