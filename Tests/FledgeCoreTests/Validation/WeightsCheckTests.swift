import FledgeCore
import FledgeDSL
import FledgeDocument
import Testing

@Suite("What check knows of weights and the tuned model") struct WeightsCheckTests {
    private static func codes(_ models: [Model], tuned: String?) -> [String: String] {
        let document = UseCase("small") {
            Models { for model in models { model } }
            FineTune { if let tuned { Tuned(tuned) } }
        }.document
        let findings = DefinitionValidator.diagnostics(
            for: document,
            dataset: DatasetFacts(
                error: nil, rowCount: 0, fields: [], labels: 0, problems: [], path: nil, answers: []),
            isKnownZone: { _ in true }, isRegularExpression: { _ in true }, localModels: PackagedModels.names)
        return Dictionary(findings.map { ($0.code, "\($0.message): \($0.hint ?? "")") }) { first, _ in first }
    }

    @Test("check tells a tuned model that is not there, with the one that was meant, and one that cannot be tuned")
    func checked() {
        let local = Model("smollm2-135m-instruct", at: .local)
        let hosted = Model("hosted", at: .openAICompatible("http://h/v1"))
        #expect(
            Self.codes([local], tuned: "smollm2-135-instruct")["fine_tune.unknown_model"]?
                .contains("smollm2-135m-instruct") == true)
        #expect(
            Self.codes([local, hosted], tuned: "hosted")["fine_tune.not_tunable"]?
                .contains("no adapter can be loaded") == true)
        #expect(Self.codes([hosted], tuned: nil)["fine_tune.no_local_model"]?.contains("no adapter") == true)
        #expect(Self.codes([local, hosted], tuned: nil).keys.filter { $0.hasPrefix("fine_tune") } == [])
    }

    @Test("paths that depend on a working directory, and weights that are named twice, are refused")
    func paths() {
        let relative = Model("a", at: .local(weights: .gguf("models/a.gguf")))
        let twice = Model("b", at: .local(weights: .gguf("/b.gguf")), weights: .gguf("/c.gguf"))
        let packaged = Model("smollm2-135m-instruct", at: .local, weights: .gguf("/c.gguf"))
        let folder = Model("d", at: .vLLM("http://h/v1", adapters: .folder("adapters")), weights: .gguf("/d.gguf"))
        #expect(Self.codes([relative], tuned: nil)["models.relative_path"]?.contains("models/a.gguf") == true)
        #expect(Self.codes([folder], tuned: nil)["models.relative_path"]?.contains("adapters' folder") == true)
        #expect(Self.codes([twice], tuned: nil)["models.two_weights"] != nil)
        #expect(Self.codes([packaged], tuned: nil)["models.two_weights"] != nil)
        #expect(Self.codes([relative, twice], tuned: nil)["models.unknown_local"] == nil)
    }
}
