import Foundation

/// Compares the first number of an answer with the expected one.
///
/// A number is digits with a sign before them (`-`, `+` or U+2212, also before a currency sign), thousands parted by commas
/// in threes, a fraction behind a point, and an exponent. Text and units around it are passed over. What looks like a number
/// and is none of these is not guessed at, and makes the answer wrong: `1.234,50`, `184,35`, `10:30`, `3-4`, `1/2`,
/// `2024-01-05`. Digits behind a letter (`H2O`) are no number.
package enum NumericScorer {
    /// |answer − expected| ≤ tolerance, in decimals of up to 38 digits.
    package static func matches(output: String, expected: String, tolerance: Double) -> Bool {
        guard let given = firstNumber(in: output), let wanted = firstNumber(in: expected) else { return false }
        if let left = ExactDecimal(given), let right = ExactDecimal(wanted), left == right { return true }
        guard let left = Decimal(string: given), let right = Decimal(string: wanted),
            let bound = Decimal(string: "\(tolerance)"), tolerance > 0
        else { return false }
        return abs(left - right) <= bound
    }

    /// The first number in a text, in plain digits (`-1234.5`); nil where there is none, or where what comes first could be
    /// read in two ways.
    package static func firstNumber(in text: String) -> String? {
        let letters = Array(text)
        var place = 0
        while place < letters.count {
            if isDigit(letters[place])
                || letters[place] == "." && place + 1 < letters.count && isDigit(letters[place + 1])
            {
                let before = place > 0 ? letters[place - 1] : " "
                var end = place + 1
                while end < letters.count, isPart(letters, end) { end += 1 }
                // Digits of another word: H2O, v1.2, covid-19.
                let isOfWord = before == "-" && place > 1 && letters[place - 2].isLetter
                if before.isLetter || before == "_" || isOfWord {
                    place = end
                    continue
                }
                while end > place, !isDigit(letters[end - 1]) { end -= 1 }
                return number(String(letters[place..<end])).map { sign(letters, before: place) + $0 }
            }
            place += 1
        }
        return nil
    }

    private static func isDigit(_ letter: Character) -> Bool { letter.isASCII && letter.isNumber }

    /// Whether a letter goes on with what looks like a number.
    private static func isPart(_ letters: [Character], _ place: Int) -> Bool {
        let letter = letters[place]
        if isDigit(letter) { return true }
        guard place + 1 < letters.count, place > 0 else { return false }
        let next = letters[place + 1]
        switch letter {
        case ".", ",", ":", "/", "'", "’", "-", "\u{2212}", "–": return isDigit(next)
        case "e", "E":
            guard isDigit(letters[place - 1]) else { return false }
            if isDigit(next) { return true }
            return (next == "-" || next == "+") && place + 2 < letters.count && isDigit(letters[place + 2])
        case "+": return (letters[place - 1] == "e" || letters[place - 1] == "E") && isDigit(next)
        default: return false
        }
    }

    private static func number(_ text: String) -> String? {
        let number = /((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?/
        return text.wholeMatch(of: number) == nil ? nil : text.replacing(",", with: "")
    }

    /// `-` where a minus stands before the number, or before the currency sign before it.
    private static func sign(_ letters: [Character], before place: Int) -> String {
        var place = place - 1
        if place >= 0, letters[place].isCurrencySymbol { place -= 1 }
        guard place >= 0, letters[place] == "-" || letters[place] == "\u{2212}" else { return "" }
        return place > 0 && letters[place - 1].isNumber ? "" : "-"
    }
}
