import FledgeCore
import Testing

@Suite("How long things are kept")
struct RetentionPolicyTests {
    @Test("what is not named keeps its standard, and forever is for ever")
    func parses() throws {
        let policy = try #require(RetentionPolicy("samples=2w, work = 12h,responses=forever"))
        #expect(policy.age(of: .samples) == .seconds(14 * 86_400))
        #expect(policy.age(of: .work) == .seconds(43_200))
        #expect(policy.age(of: .responses) == nil)
        #expect(policy.age(of: .trainingLogs) == .seconds(30 * 86_400))
        #expect(policy.age(of: .daemons) == RetentionPolicy.standard.age(of: .daemons))
        #expect(RetentionPolicy("work=365000d")?.age(of: .work) == .seconds(365_000 * 86_400))
        #expect(RetentionPolicy("") == .standard)
    }

    @Test(
        "what can't be read is refused whole",
        arguments: [
            "samples", "samples=", "sample=3d", "samples=3", "samples=-3d", "samples=3y", "work=1d,x=1d", "=1d",
            "work=1000000w",
        ])
    func refuses(text: String) {
        #expect(RetentionPolicy(text) == nil)
    }

    @Test(
        "an age has a unit, and is a thousand years at the most",
        arguments: [
            ("45s", 45), ("30m", 1800), ("12h", 43_200), ("1d", 86_400), ("2w", 1_209_600), ("0s", 0),
            ("1000000s", 1_000_000), ("1000001s", nil), ("365000d", 31_536_000_000), ("365001d", nil), ("5", nil),
            ("", nil), ("d", nil), ("-1d", nil), ("+1d", nil), ("1 d", nil), ("1D", nil),
        ] as [(String, Int64?)])
    func ages(text: String, seconds: Int64?) {
        #expect(RetentionPolicy.age(text) == seconds.map { .seconds($0) })
    }

    @Test("what is shown as an example is what holds, and names everything")
    func example() {
        #expect(RetentionPolicy(RetentionPolicy.example) == .standard)
        #expect(
            RetentionPolicy.Subject.allCases.allSatisfy { RetentionPolicy.example.contains("\($0.rawValue)=") })
    }

    @Test("one age for all")
    func all() {
        let policy = RetentionPolicy(all: .seconds(5))
        #expect(RetentionPolicy.Subject.allCases.allSatisfy { policy.age(of: $0) == .seconds(5) })
    }
}
