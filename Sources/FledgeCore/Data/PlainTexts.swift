import Foundation

/// The forms of rows that are compared, written as UTF-8: what `NormalizedText` says, by a table where it is ASCII.
///
/// In canonical composition, so that texts are the same to Swift exactly where their bytes are.
enum PlainTexts {
    /// Between two fields.
    static let border: UInt8 = 0x1F

    /// For each row, the `plain` forms of its inputs, one after the other.
    static func column(of rows: LabelledRows) throws(CancellationError) -> TextColumn {
        var point = CancellationPoint()
        let scratch = ByteScratch()
        var column = TextColumn()
        column.reserve(rows: rows.count, bytes: rows.inputs.reduce(0) { $0 + $1.values.byteCount + rows.count })
        for place in 0..<rows.count {
            scratch.clear()
            write(rows, place, to: scratch) { writePlain($0, to: scratch) }
            column.append(scratch.bytes)
            try point.pass(64 + scratch.count)
        }
        return column
    }

    /// The `light` of a row's inputs, one behind the other.
    static func light(of rows: LabelledRows, _ place: Int) -> String {
        let scratch = ByteScratch()
        write(rows, place, to: scratch) { value in
            if scratch.append(value, by: .light) { return }
            scratch.append(NormalizedText(String(decoding: value, as: UTF8.self)).light)
        }
        return scratch.text
    }

    /// Appends the `plain` of a text.
    static func writePlain(_ value: UnsafeBufferPointer<UInt8>, to target: ByteScratch) {
        let before = target.count
        if target.append(value, by: .plain) {
            // A text of nothing but punctuation keeps its punctuation.
            if target.count == before { _ = target.append(value, by: .light) }
            return
        }
        target.append(
            NormalizedText(String(decoding: value, as: UTF8.self)).plain.precomposedStringWithCanonicalMapping)
    }

    /// Writes a plain text with each run of digits as one `0`; false where it has no digit.
    static func writeForm(_ plain: UnsafeBufferPointer<UInt8>, to target: ByteScratch) -> Bool {
        guard let base = plain.baseAddress else { return false }
        var mayHaveDigits: UInt8 = 0
        var place = 0
        while place < plain.count {
            let byte = base[place]
            mayHaveDigits |= byte &- 0x30 < 10 || byte >= 0x80 ? 1 : 0
            place &+= 1
        }
        if mayHaveDigits == 0 { return false }
        target.clear()
        var hasDigits = false
        if ByteScratch.isASCII(plain) {
            var isInNumber = false
            for byte in plain {
                let isDigit = byte &- 0x30 < 10
                if !isDigit || !isInNumber { target.append(isDigit ? 0x30 : byte) }
                isInNumber = isDigit
                hasDigits = hasDigits || isDigit
            }
            return hasDigits
        }
        guard let form = NormalizedText.withoutNumbers(String(decoding: plain, as: UTF8.self)) else { return false }
        target.append(form)
        return true
    }

    private static func write(
        _ rows: LabelledRows, _ place: Int, to target: ByteScratch, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        var isFirst = true
        for input in rows.inputs where !input.values.isAbsent(place) {
            if !isFirst { target.append(Self.border) }
            isFirst = false
            input.values.withBytes(of: place, body)
        }
    }
}
