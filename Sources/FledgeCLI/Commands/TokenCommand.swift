import ArgumentParser
import FledgeClient
import FledgeCore
import FledgeEngine
import Foundation

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make, list and revoke tokens for the daemon's TCP address.",
        discussion: """
            A token is a person's or a service's own: its name is what the history records. Tokens are made where the daemon \
            runs, over its socket. The token is shown once, on standard output, and only its SHA-256 is kept.

            EXAMPLES
              fledge token create ada --scope read,operate --expires 90d > ada.token
              fledge token create gateway --scope serve --use-case triage
              fledge token create risk --scope read,approve --owner payments
              fledge token list
              fledge token revoke ada
            """,
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token.",
            discussion: """
                SCOPES
                  read     look at everything
                  operate  apply, steer, label, roll back, write reports
                  approve  approve and refuse releases
                  serve    look at releases alone
                """)

        @Argument(help: "Whose it is: letters, digits and . _ @ -.") var name: String
        @Option(help: "read, operate, approve or serve; several with commas.") var scope: String
        @Option(help: "Only for this use case; may be repeated.") var useCase: [String] = []
        @Option(help: "Only for use cases of this owner, beside those named; may be repeated.") var owner: [String] = []
        @Option(help: "How long it lasts: 90d, 12h, 4w; else until it is revoked.") var expires: String?
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let made = try await options.client.createToken(
                TokenRequest(
                    name: name,
                    grant: AccessGrant(
                        scopes: try Self.scopes(scope), useCases: useCase.isEmpty ? nil : useCase,
                        owners: owner.isEmpty ? nil : owner),
                    seconds: try expires.map(Self.seconds)), actor: "")
            if output.output == .json { return try output.show(made, "") }
            Console.error(TokenText.made(made.token))
            Console.write(made.secret)
        }

        static func scopes(_ text: String) throws(ValidationError) -> [AccessScope] {
            var scopes: [AccessScope] = []
            for word in text.split(separator: ",").map({ $0.filter { !$0.isWhitespace } }) {
                guard let scope = AccessScope(rawValue: word) else {
                    let known = AccessScope.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ValidationError("\(InertText.line(word, limit: 40)) is no scope; they are \(known).")
                }
                if !scopes.contains(scope) { scopes.append(scope) }
            }
            guard !scopes.isEmpty else { throw ValidationError("--scope names no scope.") }
            return scopes
        }

        static func seconds(_ text: String) throws(ValidationError) -> Int64 {
            guard let age = RetentionPolicy.age(text), age > .zero else {
                throw ValidationError("--expires is a number with s, m, h, d or w: 90d.")
            }
            return age.components.seconds
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List tokens, those of before too.")

        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let tokens = try await options.client.tokens()
            try output.show(tokens, TokenText.table(tokens, now: Date()))
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke a token: it opens nothing from now on.")

        @Argument(help: "Its name.") var name: String
        @OptionGroup var output: OutputOptions
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let token = try await options.client.revokeToken(name, actor: "")
            try output.show(token, InertText.line("token \(token.name) is revoked"))
        }
    }
}
