import Foundation
import Testing

@testable import FledgeCore

@Suite("What is known of an error's code")
struct ErrorCatalogueTests {
    @Test("a code has one entry, in its family, and its families stand in the order of the alphabet")
    func order() {
        let names = ErrorCatalogue.families.map(\.name)
        #expect(names == names.sorted() && Set(names).count == names.count)
        for (name, entries) in ErrorCatalogue.families {
            let codes = entries.map(\.code.rawValue)
            #expect(codes == codes.sorted() && Set(codes).count == codes.count, "\(name)")
            #expect(codes.allSatisfy { $0.hasPrefix("\(name).") }, "\(name)")
        }
    }

    @Test("what it means and what to do are a sentence each, which a table can hold")
    func sentences() {
        for entry in ErrorCatalogue.all {
            for sentence in [entry.meaning, entry.advice] {
                let isSentence = sentence.hasSuffix(".") && sentence.count > 5
                #expect(isSentence && !sentence.contains("|") && !sentence.contains("\n"), "\(entry.code.rawValue)")
            }
        }
    }

    @Test("75 says that trying again may help, so it is the exit status of nothing but what may pass")
    func exitStatuses() {
        for entry in ErrorCatalogue.all {
            let saysSo = [.unavailable, .tryAgain].contains(entry.exitStatus)
            #expect(entry.disposition != .transient || saysSo, "\(entry.code.rawValue)")
            #expect(entry.exitStatus != .tryAgain || entry.disposition == .transient, "\(entry.code.rawValue)")
            #expect(!entry.otherExitStatuses.contains(entry.exitStatus), "\(entry.code.rawValue)")
        }
    }

    @Test(
        "a code says what has to happen before the same may succeed",
        arguments: [
            ("database.unreachable", .transient), ("database.busy", .transient), ("model.unreachable", .transient),
            ("model.rate_limited", .transient), ("cycle.conflict", .transient), ("executor.full", .transient),
            ("daemon.not_running", .transient), ("process.sandbox_failed", .transient),
            ("cycle.rejected_event", .permanent), ("use_case.unknown", .permanent), ("request.http_404", .permanent),
            ("definition.does_not_compile", .permanent), ("criterion.unreachable", .permanent),
            ("model.adapter_missing", .needsPerson), ("model.unauthorized", .needsPerson),
            ("model.no_credit", .needsPerson), ("holdout.exhausted", .needsPerson), ("python.missing", .needsPerson),
            ("audit.row_changed", .needsPerson), ("database.login_refused", .needsPerson),
            ("daemon.internal", .internal), ("database.failed", .internal), ("work.unknown_kind", .internal),
        ] as [(String, FledgeError.Disposition)])
    func dispositions(code: String, disposition: FledgeError.Disposition) {
        #expect(FledgeError(.init(rawValue: code), "m").disposition == disposition)
    }

    @Test("a missing file of an adapter is nothing that passes, though 69 is its exit status")
    func missingAdapter() {
        let error = FledgeError("model.adapter_missing", "the adapter's file cannot be read")
        #expect(error.exitCode == .unavailable && error.disposition == .needsPerson)
    }

    @Test("a place that has seen that the cause may pass says so with 75", arguments: ["training.crashed", "a.b"])
    func tryAgain(code: String) {
        #expect(FledgeError(.init(rawValue: code), "m", exitCode: .tryAgain).disposition == .transient)
        #expect(FledgeError(.init(rawValue: code), "m").disposition == .internal)
    }

    @Test(
        "a code of another version is judged by its exit status",
        arguments: [
            (.success, .permanent), (.failed, .permanent), (.inconclusive, .permanent), (.usage, .permanent),
            (.badData, .permanent), (.unavailable, .transient), (.tryAgain, .transient), (.software, .internal),
            (.cannotWrite, .needsPerson), (.configuration, .needsPerson),
        ] as [(FledgeCore.ExitStatus, FledgeError.Disposition)])
    func others(status: FledgeCore.ExitStatus, disposition: FledgeError.Disposition) {
        #expect(FledgeError("later.version", "m", exitCode: status).disposition == disposition)
        #expect(FledgeError("later.version", "m").exitCode == .software)
    }

    @Test("an error is written and read as it was before there was a catalogue, whatever its exit status was")
    func stored() throws {
        let stored = #"{"code":"model.adapter_missing","exitCode":69,"hint":"h","message":"m","place":"p"}"#
        let error = try JSONDecoder().decode(FledgeError.self, from: Data(stored.utf8))
        #expect(error == FledgeError("model.adapter_missing", "m", place: "p", hint: "h", exitCode: .unavailable))
        #expect(error.disposition == .needsPerson)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        #expect(String(decoding: try encoder.encode(error), as: UTF8.self) == stored)
        let other = #"{"code":"model.adapter_missing","exitCode":78,"message":"m"}"#
        #expect(try JSONDecoder().decode(FledgeError.self, from: Data(other.utf8)).exitCode == .configuration)
    }
}
