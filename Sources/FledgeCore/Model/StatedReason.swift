import Foundation

/// A reason that a person gives for a decision which is kept for good.
package enum StatedReason {
    /// The reason on one line, without white space at its ends.
    ///
    /// - Throws: `reason.empty` (exit 64) where nothing is left: whoever looks later could not know why.
    package static func checked(_ reason: String) throws(FledgeError) -> String {
        let line = reason.unicodeScalars.map { isBreak($0) ? " " : $0 }
        let stated = String(String.UnicodeScalarView(line)).trimmingCharacters(in: .whitespacesAndNewlines)
        // Marks that show nothing say nothing.
        guard stated.unicodeScalars.contains(where: { $0.properties.generalCategory != .format }) else {
            throw FledgeError(
                "reason.empty", "the reason is empty", hint: "say why in a few words: it is kept in the history",
                exitCode: .usage)
        }
        return stated
    }

    private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
    }
}
