/// When a report is made, and in which formats.
public struct ReportScheduleDefinition: Codable, Hashable, Sendable {
    public var recurrence: Recurrence
    /// Local time of day, `HH:MM`.
    public var time: String
    /// An IANA time zone, such as `Europe/Berlin`.
    public var zone: String
    public var formats: [ReportFormat]

    public init(recurrence: Recurrence, time: String, zone: String, formats: [ReportFormat]) {
        self.recurrence = recurrence
        self.time = time
        self.zone = zone
        self.formats = formats
    }
}

/// How a report is written.
public enum ReportFormat: String, Codable, Hashable, Sendable, CaseIterable {
    /// A page for browsers, a text for people and forges, figures for programs.
    case html, markdown, json
}

/// A day of the week.
public enum Weekday: String, Codable, Hashable, Sendable, CaseIterable {
    /// A day of the week.
    case monday, tuesday, wednesday, thursday, friday, saturday, sunday
}

/// The days on which a report is made.
public enum Recurrence: Hashable, Sendable {
    /// Every day.
    case daily
    /// Every week on this day.
    case weekly(Weekday)
    /// Day of the month, 1…31; a shorter month's last day stands in.
    case monthly(day: Int)
}

extension Recurrence: Codable {
    private enum Key: String, CodingKey { case kind, weekday, day }

    public init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: Key.self)
        switch try box.decode(String.self, forKey: .kind) {
        case "daily": self = .daily
        case "weekly": self = .weekly(try box.decode(Weekday.self, forKey: .weekday))
        case "monthly": self = .monthly(day: try box.decode(Int.self, forKey: .day))
        case let other: throw unknownKind(other, of: "recurrence", at: Key.kind, in: box)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: Key.self)
        switch self {
        case .daily: try box.encode("daily", forKey: .kind)
        case .weekly(let weekday):
            try box.encode("weekly", forKey: .kind)
            try box.encode(weekday, forKey: .weekday)
        case .monthly(let day):
            try box.encode("monthly", forKey: .kind)
            try box.encode(day, forKey: .day)
        }
    }
}
