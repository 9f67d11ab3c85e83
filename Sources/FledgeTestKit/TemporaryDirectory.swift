import Glibc

/// A folder for one test or one test process, which everybody may enter.
package enum TemporaryDirectory {
    package struct CannotMake: Error {
        package let path: String
        package let number: Int32
    }

    /// Makes a folder with a short name (socket paths are limited); the caller removes it.
    package static func make() throws -> String {
        var template = Array("/tmp/fledge-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CannotMake(path: "/tmp", number: errno) }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        chmod(path, 0o755)
        return path
    }

    /// Removes a folder and all that is in it.
    package static func remove(_ path: String) throws {
        var pid = pid_t()
        let words = ["rm", "-rf", "--", path]
        let arguments = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        guard posix_spawn(&pid, "/bin/rm", nil, nil, arguments, environ) == 0 else {
            throw CannotMake(path: path, number: errno)
        }
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    /// Runs the body with a folder that is removed afterwards.
    nonisolated(nonsending) package static func with<Value>(
        _ body: (String) async throws -> Value
    ) async throws -> Value {
        let path = try make()
        defer { try? remove(path) }
        return try await body(path)
    }
}
