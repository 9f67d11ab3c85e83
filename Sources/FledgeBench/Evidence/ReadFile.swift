import ArgumentParser
import FledgeCore
import FledgeDocument
import FledgeEngine
import Foundation

/// Reads one data file and says what that took, in a process of its own: its memory is then nobody else's.
struct ReadFile: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read-file", abstract: "Read one data file, and print what that took.", shouldDisplay: false)

    struct Cost: Codable, Sendable {
        var seconds: Double
        var cpuSeconds: Double
        /// The most that was resident at once, less what was before.
        var peakBytes: Int
        var rows: Int
    }

    @Argument var path: String
    @Flag(help: "All that fledge check does, the search for leaks included.") var whole = false

    func run() throws {
        let dataset = DatasetDefinition(
            path: path, inputs: ["text"], expected: "label", group: "customer",
            split: SplitDefinition(prototype: 100, holdout: 1000, seed: 7))
        let resident = Self.memory("VmRSS")
        let cpu = CPUTime.own
        let start = ContinuousClock.now
        let rows = try whole ? check(dataset) : read(dataset)
        let cost = Cost(
            seconds: start.duration(to: .now) / .seconds(1), cpuSeconds: CPUTime.own - cpu,
            peakBytes: Self.memory("VmHWM") - resident, rows: rows)
        print(String(decoding: try JSONEncoder().encode(cost), as: UTF8.self))
    }

    private func read(_ dataset: DatasetDefinition) throws -> Int {
        let contents = try DatasetReader().read(dataset, relativeTo: "/")
        guard contents.problems.isEmpty else { throw FledgeError("bench.bad_data", contents.problems[0].sentence) }
        return contents.rows.count
    }

    private func check(_ dataset: DatasetDefinition) throws -> Int {
        let definition = UseCaseDefinition(
            name: "bench", purpose: "Name the team.", owner: "bench", dataset: dataset,
            models: [ModelDefinition(name: "m", endpoint: .openAICompatible(url: "http://localhost/v1", key: nil))],
            promptPrototype: PromptPrototypeDefinition(
                prompts: [
                    PromptDefinition(
                        name: "plain", system: "Name the team that handles this message: billing, bug or access.",
                        user: "Message: {{text}}")
                ],
                decoding: DecodingDefinition(maxTokens: 8), rounds: RoundsDefinition(maximum: 1)),
            validation: ValidationDefinition(
                require: [CriterionDefinition(metric: .accuracy, bound: .atLeast(0.9))], holdoutLooks: 1),
            production: ProductionDefinition(approval: .automatic))
        let checked = try DefinitionIntake().check(
            ApplyRequest(
                document: DefinitionDocument(useCase: definition, sourceFile: "bench.swift"), sourceText: "",
                directory: "/", actor: "bench"))
        guard let submission = checked.submission else {
            throw FledgeError("bench.bad_data", "\(checked.diagnostics.map(\.message))")
        }
        return submission.rows.count
    }

    /// A line of `/proc/self/status`, in bytes.
    private static func memory(_ name: String) -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }
}
