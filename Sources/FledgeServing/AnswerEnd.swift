/// How an answer ended, by the finish reasons that servers have for it.
enum AnswerEnd {
    case whole, cutOff, filtered, refused, failed

    init(_ reason: String?) {
        switch reason?.lowercased().filter({ $0 != "_" && $0 != "-" && $0 != " " }) {
        case "length", "maxtokens", "maxoutputtokens", "modellength", "modelcontextwindowexceeded", "tokenlimit":
            self = .cutOff
        case "contentfilter", "contentfiltered", "safety", "recitation", "blocklist", "prohibitedcontent", "spii",
            "sensitive", "guardrailintervened", "blocked", "imagesafety", "moderation":
            self = .filtered
        case "refusal", "refused": self = .refused
        case "error", "insufficientsystemresource", "networkerror", "abort", "aborted", "cancelled": self = .failed
        default: self = .whole
        }
    }
}
