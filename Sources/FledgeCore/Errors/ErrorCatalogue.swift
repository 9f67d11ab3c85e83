/// Every code that Fledge's sources raise, by its family: what comes before the point.
package enum ErrorCatalogue {
    package static let families: [(name: String, entries: [ErrorEntry])] = [
        ("access", access), ("adapter", adapter), ("advance", advance), ("answers", answers),
        ("artifacts", artifacts), ("audit", audit), ("budget", budget), ("cache", cache), ("candidate", candidate),
        ("comparison", comparison), ("configuration", configuration), ("costs", costs), ("criterion", criterion),
        ("cycle", cycle), ("daemon", daemon), ("data", data), ("database", database), ("dataset", dataset),
        ("decision", decision), ("decoding", decoding), ("definition", definition), ("demo", demo),
        ("executor", executor), ("experiment", experiment), ("fetch", fetch), ("file", file),
        ("fine_tune", fineTune),
        ("fledge", fledge), ("forecast", forecast), ("gate", gate), ("holdout", holdout), ("hub", hub), ("job", job),
        ("judge", judge), ("label", label), ("metric", metric), ("migration", migration), ("model", model),
        ("models", models), ("page", page), ("pilot", pilot), ("process", process), ("production", production),
        ("prompts", prompts),
        ("python", python), ("reason", reason), ("release", release), ("report", report), ("reports", reports),
        ("request", request), ("rounds", rounds), ("schedule", schedule), ("search", search), ("secret", secret),
        ("server", server),
        ("slices", slices), ("spend", spend), ("state", state), ("sweep", sweep), ("token", token),
        ("training", training), ("tuning", tuning), ("usage", usage), ("use_case", useCase),
        ("validation", validation), ("wait", wait), ("work", work),
    ]

    package static let all: [ErrorEntry] = families.flatMap(\.entries)

    /// Before the HTTP status that a request without a code of its own was answered with.
    package static let httpPrefix: FledgeError.Code = "request.http_"

    private static let entries = Dictionary(all.map { ($0.code, $0) }) { first, _ in first }

    /// - Returns: nil where the code is another version's, or none of Fledge's.
    package static func entry(of code: FledgeError.Code) -> ErrorEntry? {
        if let entry = entries[code] { return entry }
        return code.rawValue.hasPrefix(httpPrefix.rawValue) ? entries[httpPrefix] : nil
    }
}
