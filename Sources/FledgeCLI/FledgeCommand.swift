import ArgumentParser
import FledgeEngine

/// The root of the command line.
package struct FledgeCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "fledge",
        abstract: "Take LLM use cases from a prompt prototype to production, on evidence.",
        discussion: """
            EXAMPLES
              fledge demo                          see two use cases go their way
              fledge daemon start                  start the daemon
              fledge check workflows/triage.swift  find every problem of a definition
              fledge apply workflows/triage.swift  store it and set it going
              fledge status --watch                follow what happens
              fledge explain triage                say why it stands where it stands
              fledge release export triage         take what production uses
              fledge doctor                        check every part
            """,
        version: FledgeVersion.current,
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(name: "Definitions", subcommands: [CheckCommand.self, PlanCommand.self, ApplyCommand.self]),
            CommandGroup(
                name: "Looking",
                subcommands: [
                    StatusCommand.self, HistoryCommand.self, ExplainCommand.self, HoldoutCommand.self,
                    AuditCommand.self, ExperimentsCommand.self,
                    DataCommand.self, JobsCommand.self, WorkCommand.self,
                    LogsCommand.self, ModelsCommand.self, SpendCommand.self, WaitCommand.self,
                ]),
            CommandGroup(
                name: "Steering",
                subcommands: [
                    ApproveCommand.self, RejectCommand.self, PauseCommand.self, ResumeCommand.self, RetryCommand.self,
                    CancelCommand.self, RetireCommand.self, LabelCommand.self,
                ]),
            CommandGroup(name: "Results", subcommands: [ReleaseCommand.self, ReportCommand.self]),
            CommandGroup(
                name: "Running Fledge",
                subcommands: [
                    DaemonCommand.self, TokenCommand.self, DatabaseCommand.self, DoctorCommand.self, DemoCommand.self,
                ]),
        ])

    package init() {}
}
