import FledgeCore
import FledgeDocument
import FledgeEngine
import Logging

/// The settings of the daemon: what reads them, `fledged --help` and docs/operating/settings.md go by this table.
enum SettingTable {
    static let all: [any DescribedSetting] = [
        logLevel, concurrency, trainings, leaseSeconds, migrate, listen, token, metricsToken, insecureListen, hostNames,
        retention, keys, anchorWebhook, anchorSecret, dataFileMegabytes, submissionMegabytes, submissionFiles,
    ]

    static let logLevel = Setting(
        .logLevel, "how much the log says",
        form: "one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))", unlessSaid: Logger.Level.info,
        shown: "info", example: "debug"
    ) { Logger.Level(rawValue: $0) }

    static let concurrency = Setting.number(
        .concurrency, "pieces of work at once", in: 1...256, unlessSaid: 4, example: "8")

    static let trainings = Setting.number(
        .trainings, "trainings at once on this machine", in: 1...64, unlessSaid: 1, example: "2",
        more: """
            Whichever daemon asks, no more run on the machine; others wait for their turn. Raise it once all daemons are of \
            one version.
            """)

    static let leaseSeconds = Setting.number(
        .leaseSeconds, "seconds that a claim outlives its daemon", in: 1...3600, unlessSaid: 15, example: "30",
        more: "So long after a daemon died others take its work over.")

    static let migrate = Setting.choice(
        .migrate, "migrate the database at the start", unlessSaid: true,
        more: """
            Where it is `false` and migrations are missing, the start ends with 78 (`database.not_migrated`), and \
            `fledge db migrate` applies them.
            """)

    static let listen = Setting<ListenAddress?>(
        .listen, "a TCP address for the control API, besides the socket",
        form: "HOST:PORT, with an IPv6 address in brackets", unlessSaid: nil, example: "127.0.0.1:7420",
        more: """
            It needs `token`. The daemon speaks plain HTTP: beyond this machine it listens only with `insecureListen`.
            """
    ) { ListenAddress($0).map(Optional.some) }

    /// A reference; `ControlToken` reads it, whose words repeat nothing that may be a token.
    static let token = reference(
        .token, "the token of that address, which may do everything", example: "file:/etc/fledge/token",
        more: """
            One of fewer than \(ControlToken.shortest) characters or that can be guessed is refused; `openssl rand -hex 32` makes one. People and \
            services get tokens of their own, with `fledge token create`.
            """)

    static let metricsToken = reference(
        .metricsToken, "one that opens /metrics there, and nothing else", example: "file:/etc/fledge/metrics-token")

    static let insecureListen = Setting.choice(
        .insecureListen, "listen without TLS where others reach it", unlessSaid: false,
        more: """
            `true` says that a reverse proxy with TLS stands in front, or that the network is yours. Without it the start \
            ends with 78 (`configuration.insecure_listen`) on any address but `127.0.0.1`, `localhost` and `::1`.
            """)

    static let hostNames = Setting(
        .hostNames, "further names that the TCP address is asked by", form: "host names with commas between them",
        unlessSaid: [], example: "fledge.example.org,10.0.0.7",
        more: """
            A request names the daemon in `Host` by the address that it listens on, the machine's name, `localhost`, or one \
            of these; anything else is refused, as is another `Origin`. A reverse proxy that passes the outer name on needs \
            it here.
            """
    ) { HostNameList.read($0) }

    static let retention = Setting(
        .retention, "how long what is not evidence is kept",
        form: "like \(RetentionPolicy.example), which holds unless said, with forever for what is to stay",
        unlessSaid: RetentionPolicy.standard, shown: RetentionPolicy.example, example: "samples=1w,responses=forever",
        more: """
            An age is a number with `s`, `m`, `h`, `d` or `w`. What a release, a gate, a decision or a look at the holdout \
            rests on stays, whatever is said. `fledge db prune` goes by it too.
            """
    ) { RetentionPolicy($0) }

    static let keys = Setting(
        .keys, "which keys definitions may name, and the hosts that each may be sent to",
        form: """
            names of variables and absolute paths, each with hosts: NAME=api.example.com;/etc/fledge/keys=gpu-1:8000
            """,
        unlessSaid: KeyRules.none, example: "EXAMPLE_API_KEY=api.example.com;/etc/fledge/keys=gpu-1:8000,gpu-2:8000",
        more: """
            In the file it is an object: `{"keys": {"EXAMPLE_API_KEY": ["api.example.com"]}}`. A path is that of a file or \
            of a folder with files. A host alone means its port 443; there are no wildcards. What the daemon itself goes by \
            is sent nowhere, and naming it is refused.
            """
    ) { KeyRules($0) }

    static let anchorWebhook = Setting<AnchorWebhook.Settings?>(
        .anchorWebhook, "where the heads of the evidence are sent, for a copy elsewhere",
        form: "an address of https, or of http on this machine, without a user and a password", unlessSaid: nil,
        example: "https://heads.example.org/fledge"
    ) { AnchorWebhook.Settings(url: $0).map(Optional.some) }

    static let anchorSecret = reference(
        .anchorSecret, "the secret that they are signed with", example: "file:/etc/fledge/heads.key",
        more: "`X-Fledge-Signature` is the HMAC-SHA-256 of the body under it. It is read anew for each head.")

    static let dataFileMegabytes = Setting.number(
        .dataFileMegabytes, "MiB of a data file that is applied", in: 1...1024, unlessSaid: 1024, example: "256")

    static let submissionMegabytes = Setting.number(
        .submissionMegabytes, "MiB of all data files that are applied together", in: 1...65_536, unlessSaid: 2048,
        example: "512",
        more: """
            They lie in the state folder while they are checked, up to twice as much of all requests together, and are read \
            into memory for that.
            """)

    static let submissionFiles = Setting.number(
        .submissionFiles, "data files that are applied together", in: 1...10_000, unlessSaid: 256, example: "1000")

    private static func reference(
        _ key: DaemonSettings.Key, _ meaning: String, example: String, more: String? = nil
    ) -> Setting<SecretReference?> {
        Setting(
            key, meaning, form: "env:NAME or file:PATH", unlessSaid: nil, example: example, more: more
        ) { SecretReference($0).map(Optional.some) }
    }
}
