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
            "# \(InertText.markdown(bundle.useCase)), release \(release.number)", "",
            "| | |", "|---|---|",
            "| model | \(InertText.markdown(candidate.model)), revision \(InertText.markdown(bundle.modelRevision)) |",
            "| adapter | \(candidate.adapter.map { "`\($0)` in `adapter/`" } ?? "none: the base model answers") |",
            "| prompt | \(InertText.markdown(candidate.name)), \(candidate.demonstrations.count) demonstrations, in `candidate.json` |",
            "| decoding | temperature \(candidate.decoding.temperature), at most \(candidate.decoding.maxTokens) tokens |",
            "| definition | revision \(bundle.definitionRevision), SHA-256 `\(bundle.definitionSHA256)` |",
            "| data | SHA-256 `\(bundle.dataSHA256)` |",
            "| made in | cycle \(release.cycle) |",
            "| approved by | \(InertText.markdown(bundle.approvedBy)) |",
        ]
        lines += (release.moves ?? []).map { move in
            "| made champion by | \(InertText.markdown(move.actor)), \(move.at.formatted(.iso8601)): \(InertText.markdown(move.reason)) |"
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
                "| \(InertText.markdown(metric.title)) | \(metric.text(of: result.value)) | \(bounds) | \(result.count) "
                    + "| \(result.verdict.rawValue) |")
        }
        if let decision = bundle.decision {
            lines += ["", "## Decision", "", "\(decision.kind.rawValue): \(InertText.markdown(decision.summary))"]
        }
        if candidate.adapter != nil {
            lines += [
                "", "## Serving", "",
                "`adapter/adapter_model.safetensors` and `adapter_config.json` load with PEFT and with vLLM; `adapter.gguf` with llama.cpp.",
            ]
        }
        return lines.joined(separator: "\n") + "\n"
    }

}
