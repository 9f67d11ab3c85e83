/// A moment as HTTP writes it, `Sun, 06 Nov 1994 08:49:37 GMT` (IMF-fixdate, RFC 9110 §5.6.7).
///
/// The two older forms, which no server may send any more, are not read.
struct HTTPDate: Hashable, Sendable {
    /// Whole seconds since 1970-01-01 00:00:00 UTC, leap seconds left out.
    let secondsSince1970: Int64

    init?(_ text: String) {
        // The form is fixed to the byte, in ASCII; anything else is no date.
        let bytes = Array(text.utf8)
        guard bytes.count == 29 else { return nil }
        func word(_ start: Int, _ length: Int) -> String {
            String(decoding: bytes[start..<start + length], as: UTF8.self)
        }
        func number(_ start: Int, _ length: Int) -> Int? {
            var value = 0
            for byte in bytes[start..<start + length] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            return value
        }
        guard let weekday = Self.weekdays.firstIndex(of: word(0, 3)), word(3, 2) == ", ", let day = number(5, 2),
            word(7, 1) == " ", let month = Self.months.firstIndex(of: word(8, 3)).map({ $0 + 1 }), word(11, 1) == " ",
            let year = number(12, 4), word(16, 1) == " ", let hour = number(17, 2), hour < 24, word(19, 1) == ":",
            let minute = number(20, 2), minute < 60, word(22, 1) == ":",
            // 60 is a leap second.
            let second = number(23, 2), second <= 60, word(25, 4) == " GMT",
            (1...Self.length(of: month, in: year)).contains(day)
        else { return nil }
        let days = Self.days(year: year, month: month, day: day)
        // 1970-01-01 was a Thursday; a wrong weekday says that one of the two is wrong.
        guard (days % 7 + 7 + 4) % 7 == weekday else { return nil }
        secondsSince1970 = Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second)
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    private static func length(of month: Int, in year: Int) -> Int {
        [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    /// Days since 1970-01-01 in the Gregorian calendar.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let before = year - 1
        // 719,162 days lie between 0001-01-01 and 1970-01-01.
        let years = before * 365 + before / 4 - before / 100 + before / 400 - 719_162
        return (1..<month).reduce(years) { $0 + length(of: $1, in: year) } + day - 1
    }
}
