import Glibc

/// A process that can open no more files while the body runs: for a child of a test alone, since it is the whole process's.
package enum ExhaustedFiles {
    nonisolated(nonsending) package static func during<Value>(_ body: () async throws -> Value) async throws -> Value {
        let next = open("/dev/null", O_RDONLY | O_CLOEXEC)
        close(next)
        var limit = rlimit()
        guard next >= 0, getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { throw Failure() }
        var none = limit
        none.rlim_cur = rlim_t(next)
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &none) == 0 else { throw Failure() }
        defer { setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) }
        return try await body()
    }

    private struct Failure: Error {}
}
