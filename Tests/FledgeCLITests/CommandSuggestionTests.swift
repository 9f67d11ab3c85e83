import FledgeCore
import Testing

@testable import FledgeCLI

@Suite("Commands that there are not")
struct CommandSuggestionTests {
    static let slips: [([String], String?)] = [
        (["statsu"], "fledge status"), (["chekc", "x.swift"], "fledge check"),
        (["release", "lsit", "n"], "fledge release list"),
        (["status"], nil), (["release", "list", "n"], nil), (["status", "nmae"], nil), (["--help"], nil), ([], nil),
        (["help", "statsu"], nil), (["qqqqqqq"], nil), (["release"], nil),
    ]

    @Test("the one that was meant is named", arguments: slips)
    func meant(arguments: [String], command: String?) {
        let error = CommandSuggestion.error(for: arguments)
        #expect(error?.hint == command.map { "did you mean \($0)?" })
        #expect(error == nil || error?.exitCode == .usage)
    }
}
