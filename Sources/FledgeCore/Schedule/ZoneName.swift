import Foundation

/// Names of time zones that mean one thing: those of the IANA database that name a place (`Europe/Berlin`), and UTC.
///
/// Abbreviations (`BST` is Bangladesh to some and Britain to others), fixed offsets (`GMT+3`, `Etc/GMT+3`, without summer time)
/// and names that stand for no place (`Factory`, `EST5EDT`, `posix/…`) are none of them.
package enum ZoneName {
    /// Whether a definition may name the zone.
    package static func isKnown(_ name: String) -> Bool {
        if name == "UTC" || name == "Etc/UTC" { return true }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 2, areas.contains(String(parts[0])),
            parts.allSatisfy({ part in
                !part.isEmpty && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_+-".contains($0)) }
            })
        else { return false }
        return TimeZone(identifier: name) != nil
    }

    /// What to write instead of a name that is not known.
    package static func hint(for name: String) -> String {
        if let meant = meant(by: name) { return "did you mean \(meant)?" }
        let isOffset = name.contains { $0 == "+" || $0 == "-" } && name.contains { $0.isNumber }
        return isOffset
            ? "an offset knows no summer time: name a place by its IANA name, such as Europe/Berlin, or UTC"
            : "use an IANA name such as Europe/Berlin"
    }

    /// The zone that was probably meant; nil where it is anybody's guess.
    package static func meant(by name: String) -> String? {
        let upper = name.uppercased()
        if let known = places[upper] ?? TimeZone.abbreviationDictionary[upper], isKnown(known) { return known }
        if ["GMT", "UCT", "UTC", "Z", "ZULU", "UNIVERSAL", "ETC/GMT", "ETC/ZULU", "GREENWICH"].contains(upper) {
            return "UTC"
        }
        guard !name.contains(where: \.isNumber) else { return nil }
        // A city alone, or a slip.
        let city = name.replacing(" ", with: "_").lowercased()
        let known = TimeZone.knownTimeZoneIdentifiers.sorted()
        if let place = known.first(where: { $0.split(separator: "/").last.map { $0.lowercased() } == city }) {
            return place
        }
        return Suggestion.nearest(to: name, among: known.filter(isKnown))
    }

    /// The IANA areas of places: Africa, America, Antarctica, Arctic, Asia, Atlantic, Australia, Europe, Indian, Pacific.
    private static let areas = Set(
        TimeZone.knownTimeZoneIdentifiers.compactMap { name -> String? in
            let parts = name.split(separator: "/")
            return parts.count >= 2 ? String(parts[0]) : nil
        })

    /// What Foundation's dictionary of abbreviations lacks.
    private static let places = [
        "AEST": "Australia/Sydney", "AEDT": "Australia/Sydney", "ACST": "Australia/Adelaide",
        "ACDT": "Australia/Adelaide",
        "AWST": "Australia/Perth", "SST": "Pacific/Pago_Pago", "SAST": "Africa/Johannesburg", "WIB": "Asia/Jakarta",
        "NPT": "Asia/Kathmandu", "MEZ": "Europe/Berlin", "MESZ": "Europe/Berlin", "MET": "Europe/Berlin",
        "HDT": "America/Adak",
        "CHST": "Pacific/Guam", "EST5EDT": "America/New_York", "CST6CDT": "America/Chicago",
        "MST7MDT": "America/Denver",
        "PST8PDT": "America/Los_Angeles", "US/EASTERN": "America/New_York", "US/CENTRAL": "America/Chicago",
        "US/MOUNTAIN": "America/Denver", "US/PACIFIC": "America/Los_Angeles", "US/HAWAII": "Pacific/Honolulu",
        "US/ALASKA": "America/Anchorage", "US/ARIZONA": "America/Phoenix", "ET": "America/New_York",
        "CT": "America/Chicago",
        "MT": "America/Denver", "PT": "America/Los_Angeles", "PRC": "Asia/Shanghai", "JAPAN": "Asia/Tokyo",
        "SINGAPORE": "Asia/Singapore", "GB": "Europe/London", "TURKEY": "Europe/Istanbul", "ISRAEL": "Asia/Jerusalem",
    ]
}
