import FledgeDocument

/// A day of the Gregorian calendar, without a zone.
struct CivilDay: Hashable {
    /// Days since 1 January 1970, which was a Thursday.
    let sinceEpoch: Int

    init(sinceEpoch: Int) { self.sinceEpoch = sinceEpoch }

    /// By Howard Hinnant's `days_from_civil`.
    ///
    /// - Parameters:
    ///   - month: 1…12.
    ///   - day: from 1.
    init(year: Int, month: Int, day: Int) {
        // Years start in March, so that the leap day comes last.
        let shifted = month > 2 ? year : year - 1
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        sinceEpoch = era * 146_097 + dayOfEra - 719_468
    }

    func advanced(by days: Int) -> CivilDay { CivilDay(sinceEpoch: sinceEpoch + days) }

    func matches(_ recurrence: Recurrence) -> Bool {
        switch recurrence {
        case .daily: true
        case .weekly(let weekday): Weekday.allCases[daysSinceMonday] == weekday
        case .monthly(let day): dayOfMonth == day || (dayOfMonth < day && advanced(by: 1).dayOfMonth == 1)
        }
    }

    /// The first day of the day's period.
    func first(of period: ForecastPeriod) -> CivilDay {
        switch period {
        case .day: self
        case .week: advanced(by: -daysSinceMonday)
        case .month: advanced(by: 1 - dayOfMonth)
        case .year: CivilDay(year: date.year, month: 1, day: 1)
        }
    }

    /// The first day of the period after the one that begins with this day.
    func following(_ period: ForecastPeriod) -> CivilDay {
        switch period {
        case .day: return advanced(by: 1)
        case .week: return advanced(by: 7)
        case .month:
            let (year, month, _) = date
            return month == 12
                ? CivilDay(year: year + 1, month: 1, day: 1) : CivilDay(year: year, month: month + 1, day: 1)
        case .year: return CivilDay(year: date.year + 1, month: 1, day: 1)
        }
    }

    /// 0…6
    private var daysSinceMonday: Int { ((sinceEpoch + 3) % 7 + 7) % 7 }

    /// 1…31
    private var dayOfMonth: Int { date.day }

    /// By Howard Hinnant's `civil_from_days`.
    private var date: (year: Int, month: Int, day: Int) {
        let shifted = sinceEpoch + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // Years start in March, so that the leap day comes last.
        let month = (5 * dayOfYear + 2) / 153
        let year = yearOfEra + era * 400 + (month < 10 ? 0 : 1)
        return (year, month < 10 ? month + 3 : month - 9, dayOfYear - (153 * month + 2) / 5 + 1)
    }
}
