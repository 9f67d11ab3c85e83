import CCurl

/// A moment as HTTP writes it, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7), or in another form that libcurl reads.
package struct HTTPDate: Hashable, Sendable {
    /// Whole seconds since 1970-01-01 00:00:00 UTC, leap seconds left out.
    package let secondsSince1970: Int64

    package init?(_ text: String) {
        let seconds = curl_getdate(text, nil)
        // What is no date: libcurl says 0 for the moment that -1 would be.
        guard seconds != -1 else { return nil }
        secondsSince1970 = Int64(clamping: seconds)
    }
}
