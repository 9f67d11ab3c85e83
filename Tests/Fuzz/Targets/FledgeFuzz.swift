import Foundation

/// One program for all readers of what comes from outside: `FledgeFuzz NAME [options of libFuzzer] [corpus…]`.
///
/// What is expected of a reader beside that it goes on is said in its target; whatever is not so ends the program, as a crash
/// does, and libFuzzer keeps the input.
@main
enum FledgeFuzz {
    private static let targets: [String: @Sendable ([UInt8]) -> Void] = [
        "document": DocumentTarget.run, "control": ControlTarget.run,
        "dataset": { Enlarged.trying($0, DatasetTarget.run) }, "answers": { Enlarged.trying($0, AnswerTarget.run) },
        "trainer": { Enlarged.trying($0, TrainerTarget.run) }, "safetensors": SafetensorsTarget.run,
    ]
    /// libFuzzer starts itself again to merge, with its own arguments alone.
    private static let variable = "FLEDGE_FUZZ_TARGET"

    private nonisolated(unsafe) static var target: @Sendable ([UInt8]) -> Void = { _ in }

    static func main() {
        var arguments = CommandLine.arguments
        let name: String
        if let known = ProcessInfo.processInfo.environment[variable] {
            name = known
        } else {
            guard arguments.count > 1 else { usage() }
            name = arguments.remove(at: 1)
        }
        guard let found = targets[name] else { usage() }
        target = found
        setenv(variable, name, 1)
        var count = CInt(arguments.count)
        // They are kept to the program's end.
        var words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = .allocate(capacity: arguments.count + 1)
        words.initialize(repeating: nil, count: arguments.count + 1)
        for (place, argument) in arguments.enumerated() { words[place] = strdup(argument) }
        exit(
            runDriver(&count, &words) { bytes, count in
                FledgeFuzz.target(Array(UnsafeBufferPointer(start: bytes, count: count)))
                return 0
            })
    }

    private static func usage() -> Never {
        let text =
            "usage: FledgeFuzz \(targets.keys.sorted().joined(separator: "|")) [options of libFuzzer] [corpus…]\n"
        FileHandle.standardError.write(Data(text.utf8))
        exit(64)
    }
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
