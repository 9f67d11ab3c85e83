import FledgeCore
import FledgeEngine

/// What `fledged --help` prints, made from the tables of settings and of variables.
enum DaemonHelp {
    static let text = """
        fledged \(FledgeVersion.current): runs Fledge's use cases through their stages.

        USAGE: fledged [OPTION VALUE]…

        \(settings)

        A flag comes before the environment, the environment before the file, which is /etc/fledge/fledged.json for root
        and ~/.config/fledge/fledged.json for others.

        \(variables)

        EXAMPLES:
          fledged                                        in the foreground, with a private PostgreSQL
          \(EnvironmentVariable.database.rawValue)=postgresql:///fledge fledged
          fledged --listen 127.0.0.1:7420 --token file:/etc/fledge/token
          fledge daemon start                            in the background

        """

    private static let width = 120

    private static var settings: String {
        let rows = SettingTable.all.map { setting in
            // A default that is too long for its column is left out here; the example of the setting's form shows it.
            let standard = setting.shownStandard.flatMap { $0.count <= 8 ? $0 : nil } ?? ""
            return [
                setting.key.flag, setting.key.variable, setting.key.field, standard,
                "\(setting.meaning): \(setting.form)",
            ]
        }
        let file = [DaemonSettings.fileFlag, DaemonSettings.fileVariable, "", "", "a JSON file with these fields"]
        return table([["OPTION", "ENVIRONMENT", "FILE", "UNLESS SAID", ""]] + rows + [file])
    }

    private static var variables: String {
        let others = EnvironmentVariable.allCases.filter {
            $0.programs == [.fledge, .fledged]
        }
        return table(
            [["ENVIRONMENT", ""]]
                + others.map { [$0.rawValue, $0.meaning + ($0.standard.map { "; unless said, \($0)" } ?? "")] })
    }

    /// The last column is broken into lines, the others are as wide as they need.
    private static func table(_ rows: [[String]]) -> String {
        guard let last = rows.first?.indices.last else { return "" }
        let widths = (0..<last).map { column in (rows.map { $0[column].count }.max() ?? 0) + 2 }
        let indent = widths.reduce(0, +)
        return rows.flatMap { row in
            let head = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined()
            return lines(row[last], width: width - indent).enumerated().map { index, line in
                let text = (index == 0 ? head : String(repeating: " ", count: indent)) + line
                return String(text.reversed().drop { $0 == " " }.reversed())
            }
        }.joined(separator: "\n")
    }

    /// Broken at spaces, and a word that is too long behind a comma or a semicolon.
    private static func lines(_ text: String, width: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ").flatMap({ pieces(of: $0, width: width) }) {
            let gap = lines[lines.count - 1].isEmpty || word.isGlued ? "" : " "
            if lines[lines.count - 1].count + gap.count + word.text.count <= width {
                lines[lines.count - 1] += gap + word.text
            } else {
                lines.append(String(word.text))
            }
        }
        return lines
    }

    private static func pieces(of word: Substring, width: Int) -> [(text: Substring, isGlued: Bool)] {
        guard word.count > width else { return [(word, false)] }
        var pieces: [(text: Substring, isGlued: Bool)] = []
        var rest = word
        while !rest.isEmpty {
            let end = rest.firstIndex { $0 == "," || $0 == ";" }.map { rest.index(after: $0) } ?? rest.endIndex
            pieces.append((rest[..<end], !pieces.isEmpty))
            rest = rest[end...]
        }
        return pieces
    }
}
