import FledgeCore
import Testing

@Suite("What somebody probably meant")
struct SuggestionTests {
    static let slips: [(String, [String], String?)] = [
        ("glos", ["gloss", "category"], "gloss"), ("kategory", ["gloss", "category"], "category"),
        ("Text", ["text"], "text"),
        ("amout", ["amount", "total"], "amount"), ("trige", ["triage", "other"], "triage"),
        ("tirage", ["triage", "target"], "triage"),
        ("smollm-135m-instruct", ["smollm2-135m-instruct", "m"], "smollm2-135m-instruct"),
        ("price.amont", ["price.amount"], "price.amount"),
        ("cat", ["category", "gloss"], "category"), ("order_id", ["orderid", "order"], "orderid"),
        ("x", ["y"], nil), ("zzz", ["gloss"], nil), ("", ["a"], nil), ("gloss", ["gloss"], nil), ("a", [], nil),
    ]

    @Test("the nearest name is found, and none where none is near", arguments: slips)
    func nearest(name: String, names: [String], meant: String?) {
        #expect(Suggestion.nearest(to: name, among: names) == meant)
    }

    @Test("the hint goes on with what is known besides")
    func hint() {
        #expect(
            Suggestion.hint(for: "glos", among: ["gloss"], else: "its fields are gloss")
                == "did you mean gloss? its fields are gloss")
        #expect(Suggestion.hint(for: "q", among: ["gloss"], else: "its fields are gloss") == "its fields are gloss")
        #expect(Suggestion.hint(for: "q", among: [], else: nil) == nil)
    }
}
