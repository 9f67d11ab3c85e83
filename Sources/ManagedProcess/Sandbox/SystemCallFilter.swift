/// Which calls of the kernel a program in a sandbox is refused: those that it has no need of, and in which most holes were
/// found. Compiled to the classic BPF program that seccomp takes.
///
/// A refused call fails with `EPERM`, as if the program lacked the right; `clone3`, whose flags can't be looked at, is
/// told to be unknown, and the C library then takes `clone`.
struct SystemCallFilter: Sendable {
    /// Whether processes may be started; threads always may.
    var allowsProcesses: Bool
    var network: Sandbox.Network

    /// The bytes of the program; nil on a kind of processor whose calls are not known here.
    var program: [UInt8]? {
        guard let calls = Calls.current else { return nil }
        var code = Code()
        code.load(offset: 4)
        code.skipIfEqual(calls.architecture, 1)
        code.finish(Code.kill)
        code.load(offset: 0)
        if let foreign = calls.firstOfAnotherKind {
            code.skipUnlessAtLeast(foreign, 1)
            code.finish(Code.refuse(Code.permission))
        }
        for number in denied(calls) + (allowsProcesses ? [] : calls.forks) {
            code.skipUnlessEqual(number, 1)
            code.finish(Code.refuse(Code.permission))
        }
        switch network {
        case .none: break
        case .own: code.allow(Self.families, in: calls.sockets[0])
        case .answering: code.answerOnly(calls)
        }
        if network != .none { code.allow([Self.unix], in: calls.sockets[1]) }
        code.skipUnlessEqual(calls.clone3, 1)
        code.finish(Code.refuse(Code.unknownCall))
        code.skipUnlessEqual(calls.clone, allowsProcesses ? 3 : 5)
        code.load(offset: 16)
        code.skipUnlessAny(Self.newNamespaces, 1)
        code.finish(Code.refuse(Code.permission))
        if !allowsProcesses {
            code.skipIfAny(Self.thread, 1)
            code.finish(Code.refuse(Code.permission))
        }
        code.finish(Code.allow)
        return code.bytes
    }

    private func denied(_ calls: Calls) -> [UInt32] {
        switch network {
        case .none: calls.denied + calls.sockets + calls.others
        // Several processes that compute together share memory, and tell each other where it is. They write to their own.
        case .own: calls.denied + [calls.writing]
        case .answering: calls.denied + calls.others + calls.going
        }
    }

    private static let unix: UInt32 = 1
    /// What programs that compute together call each other by, and ask for their network's addresses: `AF_UNIX`, `AF_INET`,
    /// `AF_INET6`, `AF_NETLINK`. A namespace doesn't hold all others: by `AF_VSOCK` a machine's own host is reached.
    private static let families: [UInt32] = [unix, 2, 10, 16]

    /// `CLONE_NEWNS`, `NEWCGROUP`, `NEWUTS`, `NEWIPC`, `NEWUSER`, `NEWPID`, `NEWNET`.
    private static let newNamespaces: UInt32 = 0x7E02_0000
    private static let thread: UInt32 = 0x0001_0000

    /// The numbers of calls on one kind of processor.
    private struct Calls {
        var architecture: UInt32
        /// Numbers from here on are those of another set of calls on the same processor.
        var firstOfAnotherKind: UInt32?
        var clone: UInt32
        var clone3: UInt32
        /// Calls that do nothing but make a process.
        var forks: [UInt32]
        /// `socket`, `socketpair`.
        var sockets: [UInt32]
        /// Other processes' memory, and where memory lies.
        var others: [UInt32]
        /// `process_vm_writev`: changes another process's memory.
        var writing: UInt32
        /// `connect`, `sendmsg`, `sendmmsg`: what goes to somebody who has not come here.
        var going: [UInt32]
        var sendTo: UInt32
        /// Tracing, mounts and namespaces, keys, BPF, performance counters, page faults handled by
        /// programs, asynchronous calls, kernels and their modules, clocks, swap, accounting, handles of files.
        var denied: [UInt32]

        static var current: Calls? {
            #if arch(x86_64)
                Calls(
                    architecture: 0xC000_003E, firstOfAnotherKind: 0x4000_0000, clone: 56, clone3: 435,
                    forks: [57, 58], sockets: [41, 53], others: [256, 279, 310, 311, 438, 440], writing: 311,
                    going: [42, 46, 307], sendTo: 44,
                    denied: [
                        101, 103, 134, 136, 139, 153, 154, 155, 156, 159, 161, 163, 164, 165, 166, 167, 168,
                        169, 172,
                        173, 174, 175, 176, 177, 178, 179, 180, 212, 227, 246, 248, 249, 250, 272, 298, 303,
                        304, 305, 308, 312, 313, 320, 321, 323, 425, 426, 427, 428, 429, 430, 431, 432, 433,
                        442,
                    ])
            #elseif arch(arm64)
                Calls(
                    architecture: 0xC000_00B7, firstOfAnotherKind: nil, clone: 220, clone3: 435, forks: [],
                    sockets: [198, 199], others: [238, 239, 270, 271, 438, 440], writing: 271, going: [203, 211, 269],
                    sendTo: 206,
                    denied: [
                        18, 39, 40, 41, 42, 51, 58, 60, 89, 97, 104, 105, 106, 112, 116, 117, 142, 170, 171,
                        217, 218, 219, 224, 225, 241, 264, 265, 266, 268, 272, 273, 280, 282, 294,
                        425, 426, 427, 428, 429, 430, 431, 432, 433, 442,
                    ])
            #else
                nil
            #endif
        }
    }

    /// Instructions of classic BPF, each eight bytes.
    private struct Code {
        static let allow: UInt32 = 0x7FFF_0000
        static let kill: UInt32 = 0x8000_0000
        static let permission: UInt32 = 1
        static let unknownCall: UInt32 = 38

        static func refuse(_ error: UInt32) -> UInt32 { 0x0005_0000 | error }

        private(set) var bytes: [UInt8] = []

        /// Lets a program listen, and answer who has come: sockets of TCP alone, and nothing sent to an address.
        mutating func answerOnly(_ calls: Calls) {
            skipUnlessEqual(calls.sockets[0], 13)
            load(offset: 16)
            // `AF_INET`, `AF_INET6`.
            skipIfEqual(2, 2)
            skipIfEqual(10, 1)
            finish(Self.refuse(Self.permission))
            load(offset: 24)
            keep(0xF)
            // `SOCK_STREAM`.
            skipIfEqual(1, 1)
            finish(Self.refuse(Self.permission))
            load(offset: 32)
            // `IPPROTO_IP`, `IPPROTO_TCP`.
            skipIfEqual(0, 2)
            skipIfEqual(6, 1)
            finish(Self.refuse(Self.permission))
            finish(Self.allow)
            skipUnlessEqual(calls.sendTo, 6)
            // The address, where there is one, in two halves.
            load(offset: 48)
            skipUnlessEqual(0, 3)
            load(offset: 52)
            skipUnlessEqual(0, 1)
            finish(Self.allow)
            finish(Self.refuse(Self.permission))
        }

        /// Refuses a call whose first argument is none of these families.
        mutating func allow(_ families: [UInt32], in call: UInt32) {
            let count = UInt8(clamping: families.count)
            skipUnlessEqual(call, count + 3)
            load(offset: 16)
            for (family, left) in zip(families, (1...count).reversed()) { skipIfEqual(family, left) }
            finish(Self.refuse(Self.permission))
            load(offset: 0)
        }

        mutating func load(offset: UInt32) { add(0x20, 0, 0, offset) }
        mutating func keep(_ bits: UInt32) { add(0x54, 0, 0, bits) }
        mutating func finish(_ action: UInt32) { add(0x06, 0, 0, action) }
        mutating func skipIfEqual(_ value: UInt32, _ count: UInt8) { add(0x15, count, 0, value) }
        mutating func skipUnlessEqual(_ value: UInt32, _ count: UInt8) { add(0x15, 0, count, value) }
        mutating func skipUnlessAtLeast(_ value: UInt32, _ count: UInt8) { add(0x35, 0, count, value) }
        mutating func skipIfAny(_ bits: UInt32, _ count: UInt8) { add(0x45, count, 0, bits) }
        mutating func skipUnlessAny(_ bits: UInt32, _ count: UInt8) { add(0x45, 0, count, bits) }

        private mutating func add(_ operation: UInt16, _ isTrue: UInt8, _ isFalse: UInt8, _ value: UInt32) {
            withUnsafeBytes(of: operation) { bytes.append(contentsOf: $0) }
            bytes += [isTrue, isFalse]
            withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
        }
    }
}
