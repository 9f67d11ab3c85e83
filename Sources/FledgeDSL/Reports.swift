/// When accounts of the use case are written.
public struct Reports: UseCaseElement {
    let schedules: [any ReportElement]
    let line: Int

    /// Makes the schedules out of the parts of the block.
    ///
    /// - Parameters:
    ///   - content: `Daily`, `Weekly` and `Monthly`.
    ///   - line: the line on which it is written.
    public init(line: Int = #line, @ReportsBuilder _ content: () -> [any ReportElement]) {
        self.schedules = content()
        self.line = line
    }

    public func lower(into definition: inout UseCaseDefinition, at path: String, noting locations: inout Locations) {
        locations.note("reports", line)
        for element in schedules {
            locations.note("reports[\(definition.reports.count)]", element.line)
            definition.reports.append(element.schedule)
        }
    }
}

/// A schedule of a `Reports` block.
public protocol ReportElement: Sendable {
    /// The schedule in its wire form.
    var schedule: ReportScheduleDefinition { get }
    /// The line on which it was written.
    var line: Int { get }
}

/// Collects the schedules of a `Reports` block.
@resultBuilder
public enum ReportsBuilder: ElementBuilder {
    /// One part of the block.
    public static func buildExpression(_ element: some ReportElement) -> [any ReportElement] { [element] }

    /// Refuses what is no part of the block, and names the parts that it takes.
    @available(*, unavailable, message: "a Reports block takes Daily, Weekly and Monthly")
    public static func buildExpression<Other>(_ other: Other) -> [any ReportElement] { [] }
}

/// A report every day at a local time, `HH:MM`, in an IANA time zone.
public struct Daily: ReportElement {
    public let schedule: ReportScheduleDefinition
    public let line: Int

    /// Sets the time.
    ///
    /// - Parameters:
    ///   - time: `HH:MM`, by the clock of the zone.
    ///   - zone: an IANA name such as `Europe/Berlin`; `fledge check` refuses a schedule without one.
    ///   - formats: one or more; each is written into a file of its own.
    ///   - line: the line on which it is written.
    public init(at time: String, in zone: String = "", as formats: ReportFormat..., line: Int = #line) {
        schedule = ReportScheduleDefinition(recurrence: .daily, time: time, zone: zone, formats: formats)
        self.line = line
    }
}

/// A report every week at a local time, `HH:MM`, in an IANA time zone.
public struct Weekly: ReportElement {
    public let schedule: ReportScheduleDefinition
    public let line: Int

    /// Sets the day and the time.
    ///
    /// - Parameters:
    ///   - weekday: the day of the week.
    ///   - time: `HH:MM`, by the clock of the zone.
    ///   - zone: an IANA name such as `Europe/Berlin`; `fledge check` refuses a schedule without one.
    ///   - formats: one or more; each is written into a file of its own.
    ///   - line: the line on which it is written.
    public init(
        on weekday: Weekday, at time: String, in zone: String = "", as formats: ReportFormat..., line: Int = #line
    ) {
        schedule = ReportScheduleDefinition(recurrence: .weekly(weekday), time: time, zone: zone, formats: formats)
        self.line = line
    }
}

/// A report every month at a local time, `HH:MM`, in an IANA time zone; a shorter month's last day stands in.
public struct Monthly: ReportElement {
    public let schedule: ReportScheduleDefinition
    public let line: Int

    /// Sets the day and the time.
    ///
    /// - Parameters:
    ///   - day: the day of the month, 1 to 31.
    ///   - time: `HH:MM`, by the clock of the zone.
    ///   - zone: an IANA name such as `Europe/Berlin`; `fledge check` refuses a schedule without one.
    ///   - formats: one or more; each is written into a file of its own.
    ///   - line: the line on which it is written.
    public init(
        on day: Int, at time: String, in zone: String = "", as formats: ReportFormat..., line: Int = #line
    ) {
        schedule = ReportScheduleDefinition(recurrence: .monthly(day: day), time: time, zone: zone, formats: formats)
        self.line = line
    }
}
