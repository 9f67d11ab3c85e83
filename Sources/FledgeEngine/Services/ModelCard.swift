import FledgeCore
import FledgeDocument
import Foundation

/// What a person should know of a release before using it, in Markdown.
struct ModelCard {
    let release: Release

    var markdown: String {
        let bundle = release.bundle
        let candidate = bundle.candidate
        var lines = [
            "# \(bundle.useCase), release \(release.number)", "",
            "| | |", "|---|---|",
            "| model | \(candidate.model), revision `\(bundle.modelRevision)` |",
            "| adapter | \(candidate.adapter.map { "`\($0)` in `adapter/`" } ?? "none: the base model answers") |",
            "| prompt | \(candidate.name), \(candidate.demonstrations.count) demonstrations, in `candidate.json` |",
            "| decoding | temperature \(candidate.decoding.temperature), at most \(candidate.decoding.maxTokens) tokens |",
            "| definition | revision \(bundle.definitionRevision), SHA-256 `\(bundle.definitionSHA256)` |",
            "| data | SHA-256 `\(bundle.dataSHA256)` |",
            "| made in | cycle \(release.cycle) |",
            "| approved by | \(bundle.approvedBy) |",
        ]
        lines += (release.moves ?? []).map { move in
            "| made champion by | \(cell(move.actor)), \(move.at.formatted(.iso8601)): \(cell(move.reason)) |"
        }
        lines += [
            "",
            "## Evidence on the holdout", "",
            "| criterion | value | bounds | n | verdict |", "|---|---|---|---|---|",
        ]
        for result in bundle.gate.criteria {
            let metric = result.criterion.metric
            let bounds =
                "\(metric.text(of: result.lower ?? -.infinity)) to \(metric.text(of: result.upper ?? .infinity))"
            lines.append(
                "| \(metric.title) | \(metric.text(of: result.value)) | \(bounds) | \(result.count) "
                    + "| \(result.verdict.rawValue) |")
        }
        if let decision = bundle.decision {
            lines += ["", "## Decision", "", "\(decision.kind.rawValue): \(decision.summary)"]
        }
        if candidate.adapter != nil {
            lines += [
                "", "## Serving", "",
                "`adapter/adapter_model.safetensors` and `adapter_config.json` load with PEFT and with vLLM; `adapter.gguf` with llama.cpp.",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A person's words within a table's cell.
    private func cell(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ").replacing("|", with: "\\|")
    }
}
