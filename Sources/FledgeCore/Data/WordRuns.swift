import Foundation

/// Tells quickly that a text has no run of a prompt's words, so that most texts need not be looked at closely.
struct WordRuns {
    /// A table of the words' fingerprints, 0 where nothing is.
    private var slots: [UInt64]
    private let mask: Int
    private let least: Int

    /// - Parameter least: how many words in a row are a run.
    init(_ prints: Set<UInt64>, least: Int) {
        var size = 64
        while size < 4 * prints.count { size *= 2 }
        slots = [UInt64](repeating: 0, count: size)
        mask = size - 1
        self.least = least
        for print in prints {
            var slot = Int(truncatingIfNeeded: print >> 32) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = print
        }
    }

    /// The fingerprints of a plain text's words.
    static func prints(of plain: String) -> Set<UInt64> {
        var prints: Set<UInt64> = []
        var plain = plain.precomposedStringWithCanonicalMapping
        plain.withUTF8 { bytes in
            _ = eachWord(of: bytes) {
                prints.insert($0)
                return true
            }
        }
        return prints
    }

    /// Whether a plain text may hold a run; true for scripts without spaces between words.
    func mayHold(_ plain: UnsafeBufferPointer<UInt8>) -> Bool {
        slots.withUnsafeBufferPointer { slots in
            var run = 0
            return !Self.eachWord(of: plain) { print in
                var slot = Int(truncatingIfNeeded: print >> 32) & mask
                while slots[slot] != print, slots[slot] != 0 { slot = (slot + 1) & mask }
                run = slots[slot] == print ? run + 1 : 0
                return run < least
            }
        }
    }

    /// Of each row whose answer is the first of its kind, whether the answer may hold a run.
    func answers(of rows: LabelledRows, _ point: inout CancellationPoint) throws(CancellationError) -> [Bool] {
        let scratch = ByteScratch()
        var answers = [Bool](repeating: false, count: rows.count)
        for place in 0..<rows.count where rows.sameExpected[place] == place {
            scratch.clear()
            rows.expected.withBytes(of: place) { PlainTexts.writePlain($0, to: scratch) }
            answers[place] = mayHold(scratch.bytes)
            try point.pass(64 + scratch.count)
        }
        return answers
    }

    /// Hands over the fingerprint of each word until it is told to stop; false where it was, or where a letter may be a word.
    @inline(__always)
    private static func eachWord(of plain: UnsafeBufferPointer<UInt8>, _ goesOn: (UInt64) -> Bool) -> Bool {
        guard let base = plain.baseAddress else { return true }
        var print: UInt64 = 0
        var place = 0
        while place < plain.count {
            let byte = base[place]
            if byte == 0x20 || byte == PlainTexts.border {
                if print != 0, !goesOn(print) { return false }
                print = 0
            } else {
                // Thai, Han and kana begin with such bytes.
                if byte >= 0xE0 { return false }
                print = (print ^ UInt64(byte) ^ 0x100) &* 0x9E37_79B9_7F4A_7C15
            }
            place &+= 1
        }
        return print == 0 || goesOn(print)
    }
}
