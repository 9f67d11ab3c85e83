/// What the docs say of each mode.
extension FaultMode {
    /// Codes of what may pass: asked again before it blocks.
    private static let passingCodes: Set<String> = [
        "model.overloaded", "model.rate_limited", "model.timeout", "model.unreachable", "model.bad_answer",
    ]

    /// Whether a question that met the fault is asked again before the use case blocks.
    package var isAskedAgain: Bool {
        if case .blocks(let code) = treatment { Self.passingCodes.contains(code) } else { false }
    }

    /// What Fledge does, in a few words.
    package var words: String {
        switch treatment {
        case .mended: mending
        case .blocks(let code): isAskedAgain ? "asks again, then blocks with `\(code)`" : "blocks with `\(code)`"
        case .countsApart(let word): "counts the example apart: `\(word)`"
        }
    }

    private var mending: String {
        if models != nil { return "goes on without the list" }
        switch condition {
        case .has, .temperatureOtherThanOne: return "leaves the parameter out, and finishes"
        case .hugeSeed: return "never sends one"
        case .judged: return "reads the verdict"
        case .any, .systemTurn: break
        }
        switch reply.delivery {
        case .slowHead, .slowBody: return "waits, and finishes"
        default: return reach == .every ? "reads the answer" : "asks again, and finishes"
        }
    }

    /// A table in Markdown, a mode a row.
    package static var table: String {
        let rows = all.map { "| `\($0.name)` | \($0.says.replacing("|", with: "\\|")) | \($0.words) |" }
        return (["| mode | the server | Fledge |", "|---|---|---|"] + rows).joined(separator: "\n")
    }
}
