import FledgeDocument

/// Finds e-mail addresses, phone, card and account numbers by their form.
///
/// Forms alone can't find names or postal addresses; a number counts only where its form leaves little doubt, so that
/// order numbers and dates are left alone: cards need an issuer's prefix and length and the Luhn check (ISO/IEC 7812-1,
/// annex B), IBANs their country's length and the check modulo 97 (ISO 13616-1, ISO/IEC 7064).
package enum PersonalDataScanner {
    /// A place in a text that holds personal data.
    package struct Match: Hashable, Sendable {
        package var kind: PersonalDataKind
        /// UTF-8 offsets.
        package var range: Range<Int>
        /// Enough to recognise the value, too little to use it: `j…@….org`, `…1111`.
        package var masked: String
    }

    /// All matches, in order, none overlapping another.
    package static func matches(in text: String) -> [Match] {
        var text = text
        let finders = text.withUTF8(Traces.init).finders
        if finders.isEmpty { return [] }
        let bytes = Array(text.utf8)
        var matches: [Match] = []
        var isTaken: [Bool] = []
        for finder in finders {
            for match in finder(bytes) {
                if isTaken.isEmpty { isTaken = [Bool](repeating: false, count: bytes.count) }
                if isTaken[match.range].contains(true) { continue }
                for place in match.range { isTaken[place] = true }
                matches.append(match)
            }
        }
        return matches.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    /// Whether a text may hold any: a quick look, true for few texts that hold none.
    package static func mayMatch(_ text: UnsafeBufferPointer<UInt8>) -> Bool { !Traces(text).isNone }

    /// What of a text's bytes every match has: most texts hold none of it.
    private struct Traces {
        private var hasAt = false
        private var digits = 0
        /// Whether two letters and two digits follow each other.
        private var hasCountry = false

        init(_ text: UnsafeBufferPointer<UInt8>) {
            guard let base = text.baseAddress else { return }
            var seen: UInt8 = 0
            var place = 0
            while place < text.count {
                let byte = base[place]
                seen |= (byte == at ? 1 : 0) | (byte &- 0x30 < 10 ? 2 : 0)
                place &+= 1
            }
            hasAt = seen & 1 != 0
            if seen & 2 == 0 { return }
            place = 0
            while place < text.count {
                if isDigit(base[place]) {
                    digits += 1
                    if place >= 3, isDigit(base[place - 1]), isLetter(base[place - 2]), isLetter(base[place - 3]) {
                        hasCountry = true
                    }
                }
                place &+= 1
            }
        }

        var isNone: Bool { !hasAt && !hasCountry && digits < fewestDigits }

        /// An account number may look like a card's inside, and a card's like a phone's: the surest form goes first.
        var finders: [([UInt8]) -> [Match]] {
            (hasAt ? [emails] : []) + (hasCountry ? [ibans] : []) + (digits >= fewestDigits ? [cards, phones] : [])
        }
    }

    /// No number of a phone or card has fewer.
    private static let fewestDigits = 8

    /// The text with a placeholder such as `<email>` in the place of each match of these kinds.
    package static func masking(_ kinds: Set<PersonalDataKind>, in text: String) -> String {
        let matches = matches(in: text).filter { kinds.contains($0.kind) }
        if matches.isEmpty { return text }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var position = 0
        for match in matches {
            result += bytes[position..<match.range.lowerBound]
            result += Array("<\(match.kind.rawValue)>".utf8)
            position = match.range.upperBound
        }
        result += bytes[position...]
        return String(decoding: result, as: UTF8.self)
    }

    // MARK: E-mail

    private static let space = UInt8(ascii: " ")
    private static let plus = UInt8(ascii: "+")
    private static let at = UInt8(ascii: "@")
    private static let dot = UInt8(ascii: ".")
    private static let hyphen = UInt8(ascii: "-")

    private static func emails(_ bytes: [UInt8]) -> [Match] {
        bytes.indices.filter { bytes[$0] == at }.compactMap { place in
            var start = place
            while start > 0, isLocalPart(bytes[start - 1]) { start -= 1 }
            while start < place, bytes[start] == dot || bytes[start] == hyphen { start += 1 }
            var end = place + 1
            while end < bytes.count,
                isLetter(bytes[end]) || isDigit(bytes[end]) || bytes[end] == dot || bytes[end] == hyphen
            {
                end += 1
            }
            while end > place + 1, bytes[end - 1] == dot || bytes[end - 1] == hyphen { end -= 1 }
            guard start < place, let lastDot = bytes[(place + 1)..<end].lastIndex(of: dot), lastDot > place + 1 else {
                return nil
            }
            let top = bytes[(lastDot + 1)..<end]
            guard top.count >= 2, top.allSatisfy(isLetter) else { return nil }
            let first = isLetter(bytes[start]) ? String(UnicodeScalar(bytes[start])) : ""
            return Match(
                kind: .email, range: start..<end, masked: "\(first)…@….\(String(decoding: top, as: UTF8.self))")
        }
    }

    private static func isLocalPart(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || "._%+-'".utf8.contains(byte)
    }

    // MARK: IBAN

    /// The length of an account number by country (ISO 13616 registry).
    private static let ibanLengths: [String: Int] = [
        "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
        "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
        "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
        "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
        "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18,
        "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SD": 18,
        "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22,
        "VG": 24, "XK": 20,
    ]

    private static func ibans(_ bytes: [UInt8]) -> [Match] {
        guard bytes.count >= 15 else { return [] }
        var matches: [Match] = []
        for start in 0...(bytes.count - 15)
        where isLetter(bytes[start]) && isLetter(bytes[start + 1]) && isDigit(bytes[start + 2])
            && isDigit(bytes[start + 3]) && (start == 0 || !isWord(bytes[start - 1]))
        {
            let country = String(decoding: bytes[start..<start + 2], as: UTF8.self).uppercased()
            guard let length = ibanLengths[country] else { continue }
            var characters: [UInt8] = []
            var end = start
            while end < bytes.count, characters.count < length {
                if isWord(bytes[end]) {
                    characters.append(bytes[end])
                } else if bytes[end] != UInt8(ascii: " ") && bytes[end] != hyphen || !isWord(bytes[end - 1]) {
                    break
                }
                end += 1
            }
            guard characters.count == length, end == bytes.count || !isWord(bytes[end]), isIBAN(characters) else {
                continue
            }
            let tail = String(decoding: characters.suffix(2), as: UTF8.self)
            matches.append(Match(kind: .iban, range: start..<end, masked: "\(country)…\(tail)"))
        }
        return matches
    }

    /// Whether the number with its first four characters put last, letters read as 10 to 35, is 1 modulo 97.
    private static func isIBAN(_ characters: [UInt8]) -> Bool {
        var remainder = 0
        for byte in characters[4...] + characters[..<4] {
            if isDigit(byte) {
                remainder = (remainder * 10 + Int(byte - 0x30)) % 97
            } else {
                remainder = (remainder * 100 + Int(byte & 0xDF) - 0x41 + 10) % 97
            }
        }
        return remainder == 1
    }

    // MARK: Numbers in groups

    /// Groups of digits, with the separators between them.
    private struct NumberRun {
        var groups: [Range<Int>]
        /// What stands behind each group but the last.
        var separators: [UInt8]
        /// Where the first group begins with its plus sign or parenthesis.
        var start: Int
        var hasPlus: Bool

        /// Some neighbouring groups of the run, as a run.
        subscript(places: ClosedRange<Int>) -> NumberRun {
            let isFirst = places.lowerBound == 0
            return NumberRun(
                groups: Array(groups[places]), separators: Array(separators[places.lowerBound..<places.upperBound]),
                start: isFirst ? start : groups[places.lowerBound].lowerBound, hasPlus: isFirst && hasPlus)
        }

        var range: Range<Int> { start..<(groups.last?.upperBound ?? start) }
        var lengths: [Int] { groups.map(\.count) }
        func digits(in bytes: [UInt8]) -> [UInt8] { groups.flatMap { bytes[$0].map { $0 - 0x30 } } }
    }

    /// Runs of digits that one or two spaces, hyphens, dots, slashes or parentheses divide, not inside a word.
    private static func runs(_ bytes: [UInt8]) -> [NumberRun] {
        var runs: [NumberRun] = []
        var position = 0
        while position < bytes.count {
            guard isDigit(bytes[position]) else {
                position += 1
                continue
            }
            var start = position
            if start > 0, bytes[start - 1] == UInt8(ascii: "(") { start -= 1 }
            let hasPlus =
                start > 0 && bytes[start - 1] == plus
                && (start == 1 || !isInWord(bytes[start - 2]) && bytes[start - 2] != plus)
            if hasPlus { start -= 1 }
            var run = NumberRun(groups: [], separators: [], start: start, hasPlus: hasPlus)
            let isInsideWord = start > 0 && isInWord(bytes[start - 1]) && !hasPlus
            while true {
                let first = position
                while position < bytes.count, isDigit(bytes[position]) { position += 1 }
                run.groups.append(first..<position)
                var next = position
                while next < bytes.count, next < position + 2, " -./()".utf8.contains(bytes[next]) { next += 1 }
                guard next < bytes.count, isDigit(bytes[next]) else { break }
                run.separators.append(bytes[position])
                position = next
            }
            if !isInsideWord, position == bytes.count || !isInWord(bytes[position]) { runs.append(run) }
        }
        return runs
    }

    /// The parts of a run that a rule takes, the first and longest first, none overlapping another.
    private static func parts(of run: NumberRun, where isTaken: (NumberRun) -> Bool) -> [NumberRun] {
        var parts: [NumberRun] = []
        var first = 0
        while first < run.groups.count {
            // No number that is looked for has more than 19 digits.
            let last = min(run.groups.count, first + 19) - 1
            if let end = (first...last).last(where: { isTaken(run[first...$0]) }) {
                parts.append(run[first...end])
                first = end + 1
            } else {
                first += 1
            }
        }
        return parts
    }

    // MARK: Cards

    private static func cards(_ bytes: [UInt8]) -> [Match] {
        runs(bytes).flatMap { parts(of: $0) { isCard($0, bytes) } }.map { run in
            Match(kind: .card, range: run.range, masked: "…" + tail(of: run, 4, bytes))
        }
    }

    private static func isCard(_ run: NumberRun, _ bytes: [UInt8]) -> Bool {
        guard (13...19).contains(run.groups.reduce(0) { $0 + $1.count }), !run.hasPlus,
            run.separators.allSatisfy({ ($0 == UInt8(ascii: " ") || $0 == hyphen) && $0 == run.separators[0] })
        else { return false }
        let digits = run.digits(in: bytes)
        return isIssued(digits) && isLuhn(digits)
    }

    private static func tail(of run: NumberRun, _ count: Int, _ bytes: [UInt8]) -> String {
        run.digits(in: bytes).suffix(count).map { "\($0)" }.joined()
    }

    /// Whether prefix and length are of an issuer of payment cards.
    private static func isIssued(_ digits: [UInt8]) -> Bool {
        let prefix = digits.prefix(4).reduce(0) { $0 * 10 + Int($1) }
        switch prefix {
        case 4000...4999: return [13, 16, 19].contains(digits.count)
        case 5100...5599, 2221...2720: return digits.count == 16
        case 3400...3499, 3700...3799: return digits.count == 15
        case 3000...3059, 3600...3699, 3800...3999: return (14...19).contains(digits.count)
        case 3528...3589, 6011, 6440...6599, 6200...6299: return (16...19).contains(digits.count)
        case 5018, 5020, 5038, 5893, 6304, 6759, 6761...6763: return true
        default: return false
        }
    }

    /// Luhn's sum: every second digit from the right is doubled, and the digits of all add up to a multiple of ten.
    private static func isLuhn(_ digits: [UInt8]) -> Bool {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let value = place.isMultiple(of: 2) ? Int(digit) : Int(digit) * 2
            sum += value > 9 ? value - 9 : value
        }
        return sum.isMultiple(of: 10)
    }

    // MARK: Phones

    private static func phones(_ bytes: [UInt8]) -> [Match] {
        runs(bytes).flatMap { run in
            isPhone(run, bytes)
                ? [run] : parts(of: run) { isNorthAmerican($0, bytes) && !$0.separators.contains(space) }
        }.map { Match(kind: .phone, range: $0.range, masked: "…" + tail(of: $0, 2, bytes)) }
    }

    private static func isPhone(_ run: NumberRun, _ bytes: [UInt8]) -> Bool {
        let count = run.groups.reduce(0) { $0 + $1.count }
        guard (8...17).contains(count) else { return false }
        let digits = run.digits(in: bytes)
        if run.hasPlus || digits.starts(with: [0, 0]) && run.lengths[0] >= 4 {
            // E.164: at most 15 digits, no country code begins with 0.
            let number = run.hasPlus ? digits[...] : digits.dropFirst(2)
            return (run.separators.isEmpty ? 10...15 : 8...15).contains(number.count) && number.first != 0
        }
        if isNorthAmerican(run, bytes) { return true }
        guard digits[0] == 0, digits[1] != 0, (9...12).contains(count), !run.separators.isEmpty else { return false }
        // An area code and a number, as in most of Europe; or five pairs, as in France.
        let isAreaAndNumber =
            (3...5).contains(run.lengths[0]) && run.lengths.dropFirst().allSatisfy { $0 >= 2 }
            && !run.separators.contains(dot)
        return isAreaAndNumber || run.lengths == [2, 2, 2, 2, 2]
    }

    /// `415-555-2671`: neither the area's nor the exchange's code begins with 0 or 1.
    private static func isNorthAmerican(_ run: NumberRun, _ bytes: [UInt8]) -> Bool {
        guard run.lengths.suffix(3) == [3, 3, 4] else { return false }
        let digits = run.digits(in: bytes)
        guard digits.count == 10 || digits.count == 11 && digits[0] == 1 else { return false }
        let number = digits.suffix(10)
        return number[number.startIndex] >= 2 && number[number.startIndex + 3] >= 2
    }

    // MARK: Bytes

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }
    /// Letters of other alphabets are words too.
    private static func isInWord(_ byte: UInt8) -> Bool { isWord(byte) || byte >= 0x80 }
    private static func isWord(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) || byte == 0x5F }
}
