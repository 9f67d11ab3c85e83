import ArgumentParser
import FledgeClient
import FledgeCore
import FledgeEngine
import Foundation

struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Look at releases, export one, or go back to one.",
        subcommands: [List.self, Show.self, Export.self, Rollback.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List a use case's releases.")

        @OptionGroup var useCase: NameArgument
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let releases = try await options.client.releases(name: useCase.name)
            try output.show(releases, ReleaseText.table(releases))
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a release with its evidence.")

        @OptionGroup var useCase: NameArgument
        @Argument(help: "The release's number; else the champion.") var number: Int?
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let releases = try await options.client.releases(name: useCase.name)
            guard let release = releases.first(where: { number == nil ? $0.isChampion : $0.number == number }) else {
                throw FledgeError(
                    "release.unknown", "\(useCase.name) has no \(number.map { "release \($0)" } ?? "release yet")",
                    hint: "fledge release list \(useCase.name)")
            }
            try output.show(release, ReleaseText.details(release))
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a release as a folder that another server can use.",
            discussion: """
                The folder is written here, also where the daemon is on another machine, and closed to other users. A path \
                at which there is anything but an empty folder is refused.
                """)

        @OptionGroup var useCase: NameArgument
        @Argument(help: "The release's number; else the champion.") var number: Int?
        @Option(help: "The folder to write; else NAME-release in the current one.") var to: String?
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let folder = ReleaseFolder(to ?? "\(useCase.name)-release")
            try folder.check()
            let files = try await folder.write(try await options.client.export(name: useCase.name, number: number))
            try output.show(files, TerminalText.lines(files))
        }
    }

    struct Rollback: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make an earlier release the champion again.")

        @OptionGroup var useCase: NameArgument
        @Argument(help: "The release's number.") var number: Int
        @Option(help: "Why; it is recorded.") var reason: String
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let release = try await options.client.rollback(
                name: useCase.name, to: number, actor: try await options.actor, reason: reason)
            try output.show(release, ReleaseText.line(release))
        }
    }
}
