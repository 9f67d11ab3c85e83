/// The variables of Fledge's own that are no settings of the daemon: those have a table of their own, in `FledgeDaemon`.
package enum EnvironmentVariable: String, CaseIterable, Sendable {
    case settingsFile = "FLEDGE_CONFIG"
    case stateFolder = "FLEDGE_STATE_DIR"
    case cacheFolder = "FLEDGE_CACHE_HOME"
    case socket = "FLEDGE_SOCKET"
    case database = "FLEDGE_DATABASE_URL"
    case databaseOwner = "FLEDGE_DATABASE_OWNER_URL"
    case server = "FLEDGE_SERVER"
    case token = "FLEDGE_TOKEN"
    case daemonProgram = "FLEDGE_DAEMON"
    case trust = "FLEDGE_TRUST_DEFINITIONS"
    case compiler = "FLEDGE_SWIFTC"
    case library = "FLEDGE_LIBRARY_PATH"

    package enum Program: String, Sendable {
        case fledge, fledged
    }

    package var programs: [Program] {
        switch self {
        case .settingsFile: [.fledged]
        case .stateFolder, .cacheFolder, .socket, .database, .databaseOwner: [.fledge, .fledged]
        case .server, .token, .daemonProgram, .trust, .compiler, .library: [.fledge]
        }
    }

    /// What it says, without a full stop.
    package var meaning: String {
        switch self {
        case .settingsFile: "the file of settings"
        case .stateFolder: "the folder of the daemon's state: database, adapters, reports, jobs, logs"
        case .cacheFolder:
            "the folder of what can be made again: Python environments, weights, compiled definitions"
        case .socket: "the daemon's socket"
        case .database: "the PostgreSQL to use, as a URL or as keywords of libpq"
        case .databaseOwner: "the same database by the role that owns its tables, for migrations"
        case .server: "the address of a daemon that listens on TCP"
        case .token: "where the token of that daemon is, as env:NAME or file:PATH; of fledged it is a setting"
        case .daemonProgram: "the program that `fledge daemon start` starts"
        case .trust: "1 or true: compile and run definitions without a sandbox"
        case .compiler: "the compiler of definitions"
        case .library: "the folder with the library that definitions are compiled against"
        }
    }

    /// What holds where it is not set; nil for nothing.
    package var standard: String? {
        switch self {
        case .settingsFile: "fledge/fledged.json in XDG_CONFIG_HOME or ~/.config; for root /etc/fledge/fledged.json"
        case .stateFolder: "fledge in XDG_STATE_HOME or ~/.local/state; for root /var/lib/fledge"
        case .cacheFolder: "fledge in XDG_CACHE_HOME; else ~/.cache/fledge, for root /var/cache/fledge"
        case .socket: "run/fledged.sock in the state folder; for root, in the usual one, /run/fledge/fledged.sock"
        case .database: "what PGHOST, PGHOSTADDR, PGDATABASE or PGSERVICE say, or a private PostgreSQL"
        case .databaseOwner: "the role that the daemon works as"
        case .server: "the socket"
        case .daemonProgram: "fledged beside fledge"
        case .compiler: "swiftc in PATH"
        case .library: "../lib/fledge, or the folder that fledge is in"
        case .token, .trust: nil
        }
    }
}
