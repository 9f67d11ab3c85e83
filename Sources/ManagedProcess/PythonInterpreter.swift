import Foundation

/// A Python on this machine that is new enough.
package struct PythonInterpreter: Sendable {
    /// The interpreter itself, behind any launcher script.
    package let path: String
    /// Major, minor and patch, as in `3.11.2`.
    package let version: String

    static let venvHint = "On Debian and Ubuntu: apt-get install python3-venv."
    private static let minimum = (3, 10)

    /// Looks for Python 3.10 or newer that can make virtual environments: the preferred one alone when there is one,
    /// else the names that distributions use, in `PATH`.
    package static func find(preferred: String? = nil) async throws -> PythonInterpreter {
        let names = preferred.map { [$0] } ?? ["python3", "python3.13", "python3.12", "python3.11", "python3.10"]
        var tooOld: String?
        var withoutVenv: PythonInterpreter?
        for name in names {
            let probe = Command(
                name,
                [
                    "-c",
                    """
                    import sys, importlib.util as u
                    print("%d.%d.%d" % sys.version_info[:3]); print(sys.executable)
                    print(all(u.find_spec(m) for m in ("venv", "ensurepip")))
                    """,
                ])
            guard let result = try? await probe.run(timeout: .seconds(20)), result.exit.isSuccess else { continue }
            try Task.checkCancellation()
            let lines = result.output.split(separator: "\n").map(String.init)
            guard lines.count >= 3 else { continue }
            let numbers = lines[0].split(separator: ".").compactMap { Int($0) }
            guard numbers.count == 3, (numbers[0], numbers[1]) >= minimum else {
                tooOld = lines[0]
                continue
            }
            let found = PythonInterpreter(path: lines[1], version: lines[0])
            if lines[2] == "True" { return found }
            withoutVenv = found
        }
        if let withoutVenv {
            throw ProcessError(
                .venvMissing,
                "Python \(withoutVenv.version) at \(withoutVenv.path) lacks the module venv or ensurepip",
                hint: venvHint)
        }
        throw ProcessError(
            .pythonMissing,
            tooOld.map { "Python is \($0); 3.10 or newer is needed" } ?? "no Python 3.10 or newer was found in PATH",
            hint: "Install it; on Debian and Ubuntu: apt-get install python3 python3-venv.")
    }
}
