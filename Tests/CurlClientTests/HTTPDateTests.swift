import CurlClient
import Testing

@Suite("Dates of HTTP")
struct HTTPDateTests {
    @Test(
        "a date is the moment that it names",
        arguments: [
            // By `date --date '…' +%s`.
            ("Thu, 01 Jan 1970 00:00:00 GMT", Int64(0)), ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600), ("Wed, 21 Oct 2026 07:28:00 GMT", 1_792_567_680),
            ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400), ("Wed, 31 Dec 1969 23:59:58 GMT", -2),
            // The older forms, and another zone.
            ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777), ("Sun Nov  6 08:49:37 1994", 784_111_777),
            ("Wed, 21 Oct 2026 08:28:00 CET", 1_792_567_680),
        ])
    func dates(text: String, seconds: Int64) {
        #expect(HTTPDate(text)?.secondsSince1970 == seconds)
    }

    @Test(
        "what is no date is none",
        arguments: [
            "", "soon", "yesterday", "-3", "30 s", "Wed, 32 Oct 2026 07:28:07 GMT", "Wed, 21 Oct 2026 24:00:00 GMT",
            "Wed, 21 Oct 2026 07:60:00 GMT", "Wed, 21 Okt 2026 07:28:00 GMT",
        ])
    func none(text: String) {
        #expect(HTTPDate(text) == nil)
    }
}
