import Foundation

/// A reason that a person gives for a decision which is kept for good.
package enum StatedReason {
    /// The reason, without white space at its ends.
    ///
    /// - Throws: `reason.empty` (exit 64) where nothing is left: whoever looks later could not know why.
    ///   `request.bad_text` for one with control characters or line breaks in it, and for one that is too long.
    package static func checked(_ reason: String) throws(FledgeError) -> String {
        let stated = reason.trimmingCharacters(in: .whitespacesAndNewlines)
        // Marks that show nothing say nothing.
        guard stated.unicodeScalars.contains(where: { ![.format, .control].contains($0.properties.generalCategory) })
        else {
            throw FledgeError(
                "reason.empty", "the reason is empty", hint: "say why in a few words: it is kept in the history")
        }
        try InboundText.check(stated, field: "reason", limit: InboundText.longestReason)
        return stated
    }
}
