import FledgeCore
import FledgeEngine
import Foundation
import Testing

@testable import FledgeCLI

@Suite("Models in words")
struct ModelsTextTests {
    /// 2026-12-01, noon.
    private let now = Date(timeIntervalSince1970: 1_796_126_400)

    private func model(_ name: String, _ day: String?) -> ModelStatus {
        ModelStatus(
            name: name, endpoint: "https://api.example.com/v1", isReachable: true, revision: nil, adapters: [],
            problem: nil, shutdownDate: day.flatMap { ShutdownDay($0) })
    }

    @Test("a model's end is a column where a server tells one, and warned of where it is near or past")
    func shutdown() throws {
        let models = [model("far", "2027-06-01"), model("near", "2027-01-14"), model("gone", "2026-11-30")]
        let text = WorkText.models(models + [model("quiet", nil)], now: now)
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines.count == 7 && lines[0].contains("SHUT DOWN") && lines[1].contains("2027-06-01"))
        #expect(lines[5] == "warning: near is shut down on 2027-01-14, in 44 days: try another model in its place")
        #expect(lines[6].hasPrefix("warning: gone was shut down on 2026-11-30"))
        #expect(!WorkText.models([model("quiet", nil)], now: now).contains("SHUT DOWN"))
        let json = try JSONProfile.wire.indentedText(of: models)
        #expect(json.contains(#""shutdownDate" : "2027-01-14""#))
        #expect(try JSONProfile.wire.value([ModelStatus].self, from: Data(json.utf8)) == models)
    }
}
