import FledgeCore
import Foundation
import Testing

@Suite("Names of time zones")
struct ZoneNameTests {
    @Test(
        "the IANA name of a place is one, and UTC",
        arguments: [
            "Europe/Berlin", "America/New_York", "America/Argentina/Buenos_Aires", "Asia/Kolkata", "Asia/Calcutta",
            "Europe/Kyiv",
            "UTC", "Etc/UTC", "Pacific/Pago_Pago", "America/Port-au-Prince",
        ])
    func known(name: String) {
        #expect(ZoneName.isKnown(name))
    }

    static let refused: [(String, String?)] = [
        ("BST", "Europe/London"), ("EST", "America/New_York"), ("AST", "America/Halifax"), ("IST", "Asia/Kolkata"),
        ("SST", "Pacific/Pago_Pago"), ("CST", "America/Chicago"), ("PST8PDT", "America/Los_Angeles"),
        ("CET", "Europe/Paris"),
        ("GMT", "UTC"), ("Zulu", "UTC"), ("Factory", nil), ("GMT+3", nil), ("Etc/GMT+3", nil), ("+02:00", nil),
        ("UTC+2", nil),
        ("europe/berlin", "Europe/Berlin"), ("Europe/Berln", "Europe/Berlin"), ("Berlin", "Europe/Berlin"),
        ("New York", "America/New_York"), ("US/Eastern", "America/New_York"), ("SystemV/AST4", nil), ("", nil),
        ("posix/Europe/Berlin", "Europe/Berlin"), ("Europe/../Europe/Berlin", nil),
        ("Europe//Berlin", "Europe/Berlin"),
    ]

    @Test("nothing else is, and what was probably meant is named", arguments: refused)
    func refuses(name: String, meant: String?) {
        #expect(!ZoneName.isKnown(name))
        #expect(ZoneName.meant(by: name) == meant)
        #expect(ZoneName.hint(for: name).contains(meant.map { "did you mean \($0)?" } ?? "IANA name"))
    }

    @Test(
        "whoever gives an offset is told that it knows no summer time, and nobody else is",
        arguments: [
            ("GMT+3", true), ("+02:00", true), ("UTC-5", true), ("Factory", false), ("SystemV/AST4", false),
            ("Europe/../Europe/Berlin", false), ("", false),
        ])
    func offsets(name: String, isOffset: Bool) {
        #expect(ZoneName.hint(for: name).contains("summer time") == isOffset)
    }

    @Test("every place that Foundation lists may be named, and every abbreviation that it knows is refused")
    func lists() {
        #expect(TimeZone.knownTimeZoneIdentifiers.filter { $0.contains("/") && !ZoneName.isKnown($0) } == [])
        #expect(TimeZone.abbreviationDictionary.keys.filter { $0 != "UTC" && ZoneName.isKnown($0) } == [])
    }
}
