import Foundation

/// A definition that tries something that declaring values has no need of; the name of its use case tells what came of it.
struct HostileDefinition: Sendable, CustomStringConvertible {
    enum End: Sendable {
        /// It runs, and its use case has this name.
        case sees(String)
        /// It is stopped, with these words.
        case stops(String)
    }

    let description: String
    let end: End
    private let body: String

    /// Whether only the limit of time ends it.
    var isEndless: Bool { if case .stops("did not end within") = end { true } else { false } }

    private init(_ description: String, _ end: End, _ body: String) {
        self.description = description
        self.end = end
        self.body = body
    }

    /// What the definitions look for, or try to change.
    struct Surroundings: Sendable {
        /// A folder of the user's, with a file `secret`.
        var folder: String
        var port: UInt16
        /// A socket of the user's.
        var socket: String
        /// A part of the environment of the process that compiles.
        var variable: String
    }

    func source(in surroundings: Surroundings) -> String {
        """
        import FledgeDSL
        import Glibc

        let it = UseCase("Seen: " + seen()) { Owner("tests") }

        let folder = "\(surroundings.folder)"
        let port: UInt16 = \(surroundings.port)
        let socketPath = "\(surroundings.socket)"
        let variable = "\(surroundings.variable)"

        func text(_ path: String) -> [UInt8] {
            let file = open(path, O_RDONLY)
            guard file >= 0 else { return [] }
            var bytes = [UInt8](repeating: 0, count: 1 << 20)
            let count = read(file, &bytes, bytes.count)
            close(file)
            return Array(bytes.prefix(max(0, count)))
        }

        func call(_ name: String) -> @convention(c) (Int, Int, Int, Int) -> Int {
            unsafeBitCast(dlsym(nil, name), to: (@convention(c) (Int, Int, Int, Int) -> Int).self)
        }

        func seen() -> String {
            \(body)
        }
        """
    }

    static let all: [HostileDefinition] = [
        HostileDefinition(
            "writes a file", .sees("Seen: refused"),
            """
            for path in [folder, "/tmp", "/usr", "/etc", "/var/tmp", "."] {
                let file = open(path + "/hostile", O_CREAT | O_WRONLY, 0o600)
                if file >= 0, write(file, "x", 1) == 1 { return path }
            }
            return mkdir("/hostile", 0o700) == 0 ? "/" : "refused"
            """),
        HostileDefinition(
            "signals the group that ends it", .sees("Seen: refused"),
            #"getpgrp() == getpid() ? "refused" : "a group with others outside""#),
        HostileDefinition(
            "changes a file that it can read", .sees("Seen: refused"),
            """
            chmod("/usr/bin/env", 0o777) == 0 || open("/usr/bin/env", O_WRONLY) >= 0 ? "written" : "refused"
            """),
        HostileDefinition(
            "reads the passwords of the machine", .sees("Seen: nothing"),
            #"["/etc/shadow", "/etc/passwd"].contains { !text($0).isEmpty } ? "accounts" : "nothing""#),
        HostileDefinition(
            "reads a file of the user", .sees("Seen: nothing"),
            #"text(folder + "/secret").isEmpty ? "nothing" : "the secret""#),
        HostileDefinition(
            "reads a variable of the process that compiles it", .sees("Seen: nothing"),
            """
            var index = 0
            while let entry = environ[index] {
                if strcmp(entry, "PWD=/") != 0 { return String(cString: entry) }
                index += 1
            }
            for process in Array(1...200) + [Int(getppid())] {
                let bytes = text("/proc/\\(process)/environ")
                if String(decoding: bytes, as: UTF8.self).contains(variable) { return "the variable" }
            }
            return "nothing"
            """),
        HostileDefinition(
            "connects to a port", .sees("Seen: refused"),
            """
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else { return "refused" }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            address.sin_port = port.bigEndian
            let status = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, 16) }
            }
            return status == 0 ? "connected" : "refused"
            """),
        HostileDefinition(
            "connects to a socket", .sees("Seen: refused"),
            """
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            guard descriptor >= 0 else { return "refused" }
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socketPath.utf8) }
            let status = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, 110) }
            }
            return status == 0 ? "connected" : "refused"
            """),
        HostileDefinition(
            "leaves a process behind", .sees("Seen: refused"),
            """
            let child = call("fork")(0, 0, 0, 0)
            if Int32(truncatingIfNeeded: child) == 0 {
                setsid()
                while true { sleep(1000) }
            }
            return Int32(truncatingIfNeeded: child) > 0 ? "process \\(child)" : "refused"
            """),
        HostileDefinition(
            "runs another program", .sees("Seen: refused"),
            """
            var process = pid_t()
            var words: [UnsafeMutablePointer<CChar>?] = [strdup("/usr/bin/sleep"), strdup("1000"), nil]
            return posix_spawn(&process, "/usr/bin/sleep", nil, nil, &words, nil) == 0 ? "it runs" : "refused"
            """),
        HostileDefinition(
            "is somebody", .sees("Seen: nobody"),
            #"getuid() != 0 && geteuid() != 0 && setuid(0) != 0 && getgroups(0, nil) <= 1 ? "nobody" : "user \(getuid())""#
        ),
        HostileDefinition(
            "asks the kernel for what it has no need of", .sees("Seen: refused"),
            """
            for (name, a, b) in [
                ("unshare", 0x1000_0000, 0), ("unshare", 0x0002_0000, 0), ("ptrace", 0, 0), ("umount2", 0, 0),
                ("setns", 0, 0), ("perf_event_open", 0, 0), ("socketpair", 1, 1), ("chroot", 0, 0), ("mount", 0, 0),
            ] where dlsym(nil, name) != nil {
                errno = 0
                if Int32(truncatingIfNeeded: call(name)(a, b, 0, 0)) >= 0 { return name }
                if errno != EPERM { return "\\(name): \\(errno)" }
            }
            return "refused"
            """),
        HostileDefinition(
            "takes ten gigabytes", .stops("stopped with signal"),
            """
            var blocks: [[UInt8]] = []
            for _ in 0..<10 { blocks.append([UInt8](repeating: 1, count: 1 << 30)) }
            return "\\(blocks.count) GB"
            """),
        HostileDefinition(
            "goes on for ever", .stops("did not end within"),
            """
            var number: UInt64 = 1
            while number != 0 { number = number &* 3 | 1 }
            return "done"
            """),
        HostileDefinition(
            "waits for ever", .stops("did not end within"),
            """
            while true { sleep(1000) }
            """),
        HostileDefinition(
            "writes a gigabyte to its output", .stops("wrote more than 16 MB"),
            """
            let block = [UInt8](repeating: 0x78, count: 1 << 20)
            for _ in 0..<1024 { _ = block.withUnsafeBytes { write(1, $0.baseAddress, $0.count) } }
            return "done"
            """),
    ]
}
