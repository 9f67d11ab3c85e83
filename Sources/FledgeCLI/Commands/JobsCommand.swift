import ArgumentParser
import FledgeClient
import FledgeCore
import FledgeEngine

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "Show training jobs and golden checks, and settle unknown jobs.",
        discussion: """
            EXAMPLES
              fledge jobs triage                        the jobs of one use case
              fledge jobs golden 12                     what trainer and server answer differently
              fledge jobs settle 12 --as not-submitted  the executor never got job 12
            """,
        subcommands: [List.self, Golden.self, Settle.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show training jobs.")

        @Argument(help: "One use case; else all.") var name: String?
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let jobs = try await options.client.jobs(name: name)
            try output.show(jobs, WorkText.jobs(jobs))
        }
    }

    struct Golden: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the golden prompts that trainer and server answer differently.",
            discussion: """
                The served answers of a trained adapter have to be the trainer's, but for what serving costs by itself: that is \
                measured on the base model, on the same prompts. The prompts come from the training data.
                """)

        @Argument(help: "The job's number, from `fledge jobs`.") var job: Int64
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let check = try await options.client.golden(job: TrainingJobID(job))
            try output.show(check, GoldenText.render(check))
        }
    }

    struct Settle: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what became of a job that nobody can look up.",
            discussion: """
                A job is unknown when a crash came between its submission and the note of it, and the executor can't be asked. \
                Look there, and say what you found: the use case goes on, and your name is kept.

                EXAMPLES
                  fledge jobs settle 12 --as not-submitted                submit it
                  fledge jobs settle 12 --as running --external-id ft-7  follow it
                  fledge jobs settle 12 --as failed                       give it up
                """)

        enum Word: String, ExpressibleByArgument, CaseIterable {
            case notSubmitted = "not-submitted"
            case running, failed
        }

        @Argument(help: "The job's number, from `fledge jobs`.") var job: Int64
        @Option(name: .customLong("as"), help: "not-submitted, running or failed.") var word: Word
        @Option(help: "The executor's id of the job, for one that is running.") var externalID: String?
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ClientOptions

        func validate() throws {
            guard (word == .running) == (externalID?.isEmpty == false) else {
                throw ValidationError("--external-id goes with --as running, and only with it")
            }
        }

        func run() async throws {
            let settlement: JobSettlement =
                switch word {
                case .notSubmitted: .notSubmitted
                case .running: .running(externalID: externalID ?? "")
                case .failed: .failed
                }
            let settled = try await options.client.settle(
                job: TrainingJobID(job), as: settlement, actor: try await options.actor)
            try output.show(settled, WorkText.jobs([settled]))
        }
    }
}
