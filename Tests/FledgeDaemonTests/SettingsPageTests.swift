import FledgeCore
import FledgeEngine
import FledgeTestKit
import Foundation
import Testing

@testable import FledgeDaemon

@Suite("The table of settings")
struct SettingsPageTests {
    @Test("docs/operating/settings.md has every setting; FLEDGE_RECORD=1 writes it anew")
    func documentation() throws {
        #expect(
            try RecordedPage.committed("docs/operating/settings.md", made: SettingsPage.text) == SettingsPage.text)
    }

    @Test("each setting is in the table once, and its example and what holds unless said can be read")
    func table() {
        #expect(SettingTable.all.map(\.key) == DaemonSettings.Key.allCases)
        for setting in SettingTable.all {
            #expect(setting.reads(setting.example), "\(setting.key)")
            if let standard = setting.shownStandard { #expect(setting.reads(standard), "\(setting.key)") }
            #expect(!setting.reads("\u{1}"), "\(setting.key) takes anything")
        }
    }

    @Test("what is shown as holding unless said is what holds")
    func standards() {
        func holds<Value: Equatable>(_ setting: Setting<Value>) -> Bool {
            setting.shownStandard.flatMap(setting.parse) == setting.standard
        }
        #expect(holds(SettingTable.logLevel) && holds(SettingTable.migrate) && holds(SettingTable.insecureListen))
        #expect(
            holds(SettingTable.concurrency) && holds(SettingTable.trainings) && holds(SettingTable.leaseSeconds))
        #expect(holds(SettingTable.retention))
    }

    @Test(
        "a number out of its range is refused with the range", arguments: ["concurrency", "trainings", "leaseSeconds"])
    func ranges(name: String) throws {
        let key = try #require(DaemonSettings.Key(rawValue: name))
        let setting = try #require(SettingTable.all.first { $0.key == key })
        for text in ["0", "-1", "1e9", "nan", "inf", "x", ""] { #expect(!setting.reads(text), "\(text)") }
        let error = #expect(throws: FledgeError.self) {
            try DaemonConfiguration(arguments: [key.flag, "0"], environment: ["HOME": "/nonexistent"], isRoot: false)
        }
        #expect(error?.message.contains(setting.form) == true)
    }

    @Test("fledged --help has every setting and every variable that both programs read, in lines of 120 columns")
    func help() {
        for setting in SettingTable.all {
            for name in [setting.key.flag, setting.key.variable, setting.key.field] {
                #expect(DaemonHelp.text.contains(name))
            }
        }
        for variable in EnvironmentVariable.allCases where variable.programs.count == 2 {
            #expect(DaemonHelp.text.contains(variable.rawValue))
        }
        for line in DaemonHelp.text.split(separator: "\n") { #expect(line.count <= 120, "\(line)") }
    }

    @Test("every variable of Fledge's that is read is in one of the two tables")
    func variables() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources")
            .standardizedFileURL
        let known = Set(EnvironmentVariable.allCases.map(\.rawValue) + DaemonSettings.Key.allCases.map(\.variable))
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        var found: Set<String> = []
        for case let file as URL in files where file.pathExtension == "swift" {
            // What tests and benchmarks say to themselves is no variable of the programs.
            if ["FledgeTestKit", "FledgeBench"].contains(where: file.path().contains) { continue }
            let text = try String(contentsOf: file, encoding: .utf8)
            found.formUnion(text.matches(of: /"(FLEDGE_[A-Z_]+)"/).map { String($0.output.1) })
        }
        #expect(found.count >= EnvironmentVariable.allCases.count)
        #expect(found.subtracting(known) == [])
    }
}
