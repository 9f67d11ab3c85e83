import FoundationEssentials

/// A moment in PostgreSQL's ISO text form, counted in microseconds from 1970 in UTC.
struct PostgresTimestamp {
    var microseconds: Int

    var date: Date { Date(timeIntervalSince1970: Double(microseconds) / 1_000_000) }

    init(_ date: Date) {
        // Outside of what PostgreSQL can hold, the bound is sent and the server says so.
        let given = date.timeIntervalSince1970
        let seconds = given.isNaN ? 9e12 : min(max(given, -9e12), 9e12)
        microseconds = Int((seconds * 1_000_000).rounded())
    }

    /// Parses `2026-11-21 09:00:00.5+00`, without a time or without an offset too, and with a trailing ` BC`.
    init?(_ text: UnsafeBufferPointer<UInt8>) {
        var reader = Reader(text: text)
        guard var year = reader.number(), reader.skip("-"), let month = reader.number(), reader.skip("-"),
            let day = reader.number(), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var seconds = 0
        var fraction = 0
        if reader.skip(" "), !reader.rest("BC") {
            guard let hour = reader.number(), reader.skip(":"), let minute = reader.number(), reader.skip(":"),
                let second = reader.number()
            else { return nil }
            seconds = hour * 3600 + minute * 60 + second
            if reader.skip(".") {
                guard let value = reader.fraction() else { return nil }
                fraction = value
            }
            if let sign = reader.sign() {
                guard let hours = reader.number() else { return nil }
                var offset = hours * 3600
                if reader.skip(":") { offset += (reader.number() ?? 0) * 60 }
                if reader.skip(":") { offset += reader.number() ?? 0 }
                seconds -= sign * offset
            }
            _ = reader.skip(" ")
        }
        if reader.rest("BC") { year = 1 - year } else if !reader.atEnd { return nil }
        microseconds = (Self.days(year, month, day) * 86_400 + seconds) * 1_000_000 + fraction
    }

    func encode(into text: inout [UInt8]) {
        let (seconds, fraction) = Self.floored(microseconds, 1_000_000)
        let (days, second) = Self.floored(seconds, 86_400)
        let (year, month, day) = Self.civil(days)
        func append(_ value: Int, width: Int) {
            let digits = String(value)
            for _ in digits.utf8.count..<max(width, digits.utf8.count) { text.append(UInt8(ascii: "0")) }
            text.append(contentsOf: digits.utf8)
        }
        append(year > 0 ? year : 1 - year, width: 4)
        text.append(UInt8(ascii: "-"))
        append(month, width: 2)
        text.append(UInt8(ascii: "-"))
        append(day, width: 2)
        text.append(UInt8(ascii: " "))
        append(second / 3600, width: 2)
        text.append(UInt8(ascii: ":"))
        append(second / 60 % 60, width: 2)
        text.append(UInt8(ascii: ":"))
        append(second % 60, width: 2)
        text.append(UInt8(ascii: "."))
        append(fraction, width: 6)
        text.append(contentsOf: "+00".utf8)
        if year <= 0 { text.append(contentsOf: " BC".utf8) }
    }

    private static func floored(_ value: Int, _ divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    // The proleptic Gregorian calendar in eras of 400 years that begin in March, so that the leap day is last.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let (era, yearOfEra) = floored(month <= 2 ? year - 1 : year, 400)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let (era, dayOfEra) = floored(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private struct Reader {
        let text: UnsafeBufferPointer<UInt8>
        var index = 0

        init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

        var atEnd: Bool { index == text.count }

        mutating func skip(_ character: UnicodeScalar) -> Bool {
            guard index < text.count, text[index] == UInt8(ascii: character) else { return false }
            index += 1
            return true
        }

        mutating func sign() -> Int? { skip("+") ? 1 : skip("-") ? -1 : nil }

        func rest(_ word: String) -> Bool { text[index...].elementsEqual(word.utf8) }

        mutating func number() -> Int? {
            var value = 0
            let start = index
            while index < text.count, (48...57).contains(text[index]), index - start < 9 {
                value = value * 10 + Int(text[index] - 48)
                index += 1
            }
            return index > start ? value : nil
        }

        /// One to six digits after the point, as microseconds.
        mutating func fraction() -> Int? {
            let start = index
            guard let value = number(), index - start <= 6 else { return nil }
            return (index - start..<6).reduce(value) { scaled, _ in scaled * 10 }
        }
    }
}
