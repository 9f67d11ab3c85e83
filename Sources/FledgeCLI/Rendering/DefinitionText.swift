import FledgeCore
import FledgeDocument
import FledgeEngine

/// `fledge check`, `plan` and `apply`.
enum DefinitionText {
    static func diagnostics(_ diagnostics: [Diagnostic], of names: [String]) -> String {
        let errors = diagnostics.count { $0.severity == .error }
        let warnings = diagnostics.count - errors
        let summary =
            errors == 0
            ? "\(names.joined(separator: ", ")): ok" + (warnings == 0 ? "" : ", \(counted(warnings, "warning"))")
            : "\(counted(errors, "error")), \(counted(warnings, "warning"))"
        return TerminalText.lines(diagnostics.flatMap(lines) + [summary])
    }

    /// What is wrong, and what to do below it.
    private static func lines(_ diagnostic: Diagnostic) -> [String] {
        var problem = diagnostic
        problem.hint = nil
        return [problem.description] + (diagnostic.hint.map { ["    \(InertText.line($0))"] } ?? [])
    }

    static func plan(_ plan: PlanResult) -> String {
        var lines = plan.diagnostics.flatMap(lines)
        if plan.diagnostics.contains(where: { $0.severity == .error }) {
            lines.append("\(plan.name): can't be applied")
        } else if !plan.isNew {
            lines.append("\(plan.name): no changes\(plan.currentRevision.map { " since revision \($0)" } ?? "")")
        } else {
            lines.append("\(plan.name): revision \((plan.currentRevision ?? 0) + 1)")
            lines += plan.changes.map { "  \($0)" }
            if let effect = plan.effect { lines += EditText.effect(effect) }
        }
        return TerminalText.lines(lines)
    }

    static func applied(_ results: [ApplyResult], of definitions: [ApplyRequest]) -> String {
        zip(results, definitions).map { applied($0, name: $1.document.useCase.name) }.joined(separator: "\n")
    }

    static func applied(_ result: ApplyResult, name: String) -> String {
        var lines = result.diagnostics.flatMap(lines)
        if let applied = result.applied {
            let start =
                if applied.startedCycle != nil { "a cycle started" } else if let cycle = applied.adoptedByCycle {
                    "it asks for no new evidence: cycle \(cycle) takes it over as it stands"
                } else if applied.isNew { "it waits for the cycle under way" } else { "nothing changed" }
            lines.append("\(name): revision \(applied.revision), \(start)")
            if applied.isNew, applied.adoptedByCycle == nil, let holdout = result.holdout {
                lines += EditText.holdout(holdout)
            }
        } else {
            lines.append("\(name): not applied")
        }
        return TerminalText.lines(lines)
    }

    private static func counted(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }
}
