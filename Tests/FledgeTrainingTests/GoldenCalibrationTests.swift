import FledgeCore
import FledgeDocument
import FledgeEngine
import FledgeServing
import FledgeTestKit
import FledgeTraining
import Foundation
import Testing

/// The figures of docs/training.md, on the real trainer and the real server.
@Suite("The golden check of free answers, on real adapters", .serialized)
struct GoldenCalibrationTests {
    @Test("the right adapter passes at a server of 8 bits and of 4, and what is planted in its place does not")
    func calibrated() async throws {
        try await TrainingJob.withDirectory { directory in
            let catalog = TrainingJob.catalog()
            let weights = try await catalog.weights(of: TrainingJob.model)
            let planted = try await PlantedAdapters(
                trainedBy: TrainingJob.executor(in: directory), jobs: URL(filePath: directory + "/jobs"), on: weights)
            let fourBits = ModelDefinition(
                name: "smollm2-4-bits", endpoint: .localWeights(.gguf(file: weights.path), gpuLayers: nil))
            for model in [TrainingJob.model, fourBits] {
                let server = try await catalog.server(for: model, adapters: planted.planted.map(\.adapter))
                for adapter in planted.planted {
                    let check = try await planted.check(adapter.adapter, of: model.name, at: server)
                    let figures =
                        "\(model.name) \(adapter.name): text \(String(describing: check.text)), base "
                        + "\(String(describing: check.baseText)), whole \(check.agreeing), mixed \(String(describing: check.mixed))"
                    print(figures)
                    let problem = check.problem(of: TrainingJobID(1))
                    #expect((problem == nil) == (adapter.name == "right"), "\(figures)")
                    #expect(problem == nil || problem?.code == "adapter.golden_mismatch", "\(figures)")
                }
            }
            await catalog.shutdown()
        }
    }
}
