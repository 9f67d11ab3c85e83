import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation
import FledgeTestKit
import ManagedProcess
import Testing

@testable import FledgeCLI

@Suite("What the command line prints")
struct RenderingTests {
    @Test("a table sets numbers to the right and text to the left, without trailing spaces")
    func table() {
        let text = TextTable(["Name", "#Calls", "State"], rows: [["a", "7", "live"], ["longer", "1234", ""]]).render()
        #expect(text == "NAME    CALLS  STATE\na           7  live\nlonger   1234")
    }

    @Test("a status line shows stage, activity, progress, rate and time left")
    func statusLine() {
        let line = StatusText.line(Fixtures.status(progress: Fixtures.progress), width: 18)
        #expect(line == "lexical-category    fine-tune · training · 40/80 steps, 1.5/s, 27 s left")
    }

    @Test("what serves stands beside what is tried")
    func serving() {
        let tried = Fixtures.status(stage: .validation, activity: .judging, release: 3, serving: 0)
        #expect(StatusText.line(tried, width: 0).hasSuffix("validation · judging · release 3 goes on serving"))
        #expect(StatusText.table([tried]).contains("release 3"))
        let live = Fixtures.status(stage: .production, activity: .live, release: 3)
        #expect(StatusText.line(live, width: 0).hasSuffix("production · live · release 3"))
        var explanation = Fixtures.explanation
        explanation.status = tried
        let text = ExplanationText.render(explanation)
        #expect(
            text.hasPrefix("lexical-category is in production: release 3 serves (revision 1, cycle 0), made champion"))
        #expect(text.contains("\nBeing tried: validation: judging (revision 1, cycle 1, since"))
    }

    @Test("a plan says which edits start a cycle, what that costs, and what is left of the holdout")
    func plan() {
        let validation = ValidationDefinition(require: [CriterionDefinition(metric: .accuracy, bound: .atLeast(0.8))])
        let spent = (1...100).map { HoldoutBudget.Spent(example: ExampleID($0), share: 0.5, looks: 1) }
        let holdout = HoldoutForecast(spent: spent, validation: validation)
        var definition = UseCaseDefinition(name: "triage", models: [ModelDefinition(name: "small", endpoint: .local)])
        definition.promptPrototype = PromptPrototypeDefinition(
            prompts: [PromptDefinition(name: "p", user: "{{text}}")], budget: BudgetDefinition(calls: 500))
        definition.fineTune = FineTuneDefinition(limitSeconds: 1800)
        let forecast = CycleForecast(
            definition, prototype: [], holdout: 100, training: 300, hasChampion: true)
        var result = PlanResult(
            name: "triage", currentRevision: 1, isNew: true, changes: ["prompt p changed"], diagnostics: [],
            effect: EditEffect(
                kind: .startsCycle, evidence: ["prompt p changed"], cycle: 1, serving: 1, forecast: forecast,
                holdout: holdout))
        let text = DefinitionText.plan(result)
        #expect(text.contains("it asks for new evidence, and starts a cycle; release 1 goes on serving"))
        #expect(text.contains("calls: at most 500 to search, 100 for each gate, and 2 gates where it trains"))
        #expect(text.contains("cost: not known without a price"))
        #expect(
            text.contains("training: where prompting does not do, on up to 300 examples, 3 epochs, at most 30 min 00 s")
        )
        #expect(text.contains("100 of 100 rows can be looked at; 1 look of 2 left, α 0.0250 of 0.0500, 0.0250 a look"))
        #expect(text.contains("494 usable rows where it is truly 5 points above the bar, 113 usable rows"))
        result.effect?.kind = .adopted
        #expect(
            DefinitionText.plan(result).hasSuffix(
                "it asks for no new evidence: no cycle starts, cycle 1 takes it over as it stands; release 1 goes on serving"
            ))
    }

    @Test("a blocked use case says why in the table")
    func blocked() {
        let status = Fixtures.status(block: CycleState.Block(code: "decision.needs_data", message: "too few examples"))
        #expect(StatusText.table([status]).contains("blocked: too few examples"))
    }

    @Test("an explanation holds every gate with its interval, every decision with its rules, and the chain's state")
    func explanation() {
        let text = ExplanationText.render(Fixtures.explanation)
        #expect(text.contains("failed: accuracy 0.270 [0.228, 0.316], asked for at least 0.800, n = 300"))
        #expect(text.contains("passed: accuracy 0.860 [0.823, 0.892]"))
        #expect(text.contains("Decision: fine-tune."))
        #expect(text.contains("yes: no gain over the last 2 rounds"))
        #expect(text.hasSuffix("The history's hash chain holds."))
    }

    @Test("a data report names rows, and shows no value that is personal")
    func dataReport() throws {
        let text = DataReportText(limit: 1).render(try Fixtures.dataReport)
        #expect(text.hasPrefix("support: 6 rows\n\nSPLIT"))
        #expect(text.contains("Leaks: 2 exact duplicates\n  row 2 (training) has the same inputs as row 1 (holdout)"))
        #expect(text.contains("and 1 more (--all)"))
        #expect(text.contains("row 9 left out of prototype: nearly the inputs of row 3"))
        #expect(text.contains("rows 3, 4: <email> | bug"))
        #expect(text.contains("Personal data: 2 e-mail addresses in 2 rows\n  row 4, queue: e-mail address j…@….org"))
        #expect(text.contains("row 8 has no field text"))
        #expect(!text.contains("jane"))
        let json = (try? JSONProfile.wire.indentedText(of: Fixtures.dataReport)) ?? ""
        #expect(json.contains("\"exact-duplicate\"") && !json.contains("jane") && !json.contains("charged"))
    }

    @Test("an explanation says which rows were moved or left out")
    func settledLeaks() throws {
        var explanation = Fixtures.explanation
        #expect(!ExplanationText.render(explanation).contains("because of leaks"))
        explanation.settledLeaks = try Fixtures.dataReport.settled
        #expect(ExplanationText.render(explanation).contains("Data: 1 row left out because of leaks: row 9 "))
    }

    @Test("the demo's summary sets the best prompt beside the tuned candidate")
    func summary() {
        let text = DemoSummary(
            useCases: [DemoSummary.UseCase(explanation: Fixtures.explanation, scores: Fixtures.scores)]
        ).render()
        #expect(text.contains("fine-tune → production"))
        #expect(text.contains("0.270 [0.228, 0.316] failed  0.860 [0.823, 0.892] passed  release 1"))
    }

    @Test("a missing bound and an infinite one are shown as such")
    func bounds() {
        #expect(ValueText.interval(1.5, nil, .infinity) == "1.500 […, ∞]")
        #expect(ValueText.interval(nil, 0, 1) == "–")
    }

    @Test(
        "spans are rounded to what a person reads",
        arguments: zip([4.4, 61, 3700], ["4 s", "1 min 01 s", "1 h 01 min"]))
    func spans(seconds: Double, text: String) {
        #expect(ValueText.span(seconds) == text)
    }

    @Test("JSON output is read back as the same value, infinite bounds included")
    func json() throws {
        var status = Fixtures.status(gate: Fixtures.gate(.passed), progress: Fixtures.progress)
        status.lastGate?.criteria[0].upper = .infinity
        let text = try JSONProfile.wire.indentedText(of: [status])
        #expect(text.contains("\"name\" : \"lexical-category\""))
        #expect(try JSONProfile.wire.value([UseCaseStatus].self, from: Data(text.utf8)) == [status])
    }

    @Test("away from a terminal a line is written only when something moved, and nothing is coloured")
    func watchWithoutTerminal() {
        var screen = WatchScreen(isTerminal: false, hasColour: false)
        let status = Fixtures.status(progress: Fixtures.progress)
        #expect(screen.draw([status], transitions: []).contains("40/80"))
        #expect(screen.draw([status], transitions: []) == "")
        #expect(screen.draw([status], transitions: ["moved"]) == "moved\n")
    }

    @Test("at a terminal the lines are drawn over, below the transitions")
    func watchAtTerminal() {
        var screen = WatchScreen(isTerminal: true, hasColour: true)
        let live = Fixtures.status(stage: .production, activity: .live)
        #expect(screen.draw([live], transitions: []).hasPrefix("\u{1B}[32m"))
        #expect(screen.draw([live], transitions: ["moved"]).hasPrefix("\u{1B}[1A\u{1B}[Jmoved\n"))
    }

    @Test("the doctor says what a sandbox can't be had for, and what is run without one then")
    func sandbox() {
        #expect(DoctorFinding.sandbox(.made, user: "root").state == .ok)
        let lasting = DoctorFinding.sandbox(.impossible("bwrap: No permissions"), user: "root")
        #expect(lasting.state == .problem && lasting.detail.contains("the local model server run as root: bwrap: No"))
        let closed = DoctorFinding.sandbox(.impossible("bwrap: no"), user: "root", hindrance: "/root is closed to them")
        #expect(closed.detail.hasSuffix("run as root: bwrap: no; nor as users without rights: /root is closed to them"))
        let unprivileged = DoctorFinding.sandbox(.impossible("bwrap: no"), user: DoctorFinding.unprivileged)
        #expect(unprivileged.state == .problem && unprivileged.detail.contains("run as users without rights, who see"))
        let passing = DoctorFinding.sandbox(.failed("sh: Cannot fork"), user: "root")
        #expect(passing.state == .problem && passing.detail.contains("run without: sh: Cannot fork"))
        let python = DoctorFinding.sandbox("libssl.so: gone", stops: "trainings")
        #expect(python.state == .problem && python.detail.contains("not for trainings"))
        #expect(DoctorFinding.devices(isMissing: false).isEmpty)
        #expect(DoctorFinding.devices(isMissing: true).first?.todo?.contains("nvidia-modprobe -u -c=0") == true)
    }

    @Test("the doctor tells of a daemon's role that is a superuser, and what to do")
    func doctorSuperuser() {
        let finding = DoctorFinding.database(version: "15.4", isSuperuser: true)
        #expect(finding.state == .note && finding.detail.contains("superuser") && finding.todo != nil)
        #expect(DoctorFinding.database(version: "15.4", isSuperuser: false).state == .ok)
    }

    @Test("the doctor shows what to do below what it found, and prefers the exit status of a wrong setting")
    func doctor() {
        let findings = [
            DoctorFinding(part: "state", state: .ok, detail: "/s"),
            DoctorFinding(
                part: "swiftc", state: .problem, detail: "not found", todo: "install it", exitStatus: .unavailable),
        ]
        #expect(
            DoctorFinding.render(findings)
                == "ok       state   /s\nproblem  swiftc  not found\n                 install it")
        #expect(DoctorFinding.exitStatus(of: findings) == .unavailable)
        let wrong = DoctorFinding(part: "cache", state: .problem, detail: "", exitStatus: .configuration)
        #expect(DoctorFinding.exitStatus(of: findings + [wrong]) == .configuration)
    }
}
