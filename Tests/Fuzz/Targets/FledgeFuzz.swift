import Foundation

/// One program for all readers of what comes from outside.
///
/// Built for libFuzzer (`FUZZER`) it is `FledgeFuzz NAME [options of libFuzzer] [corpus…]`; as a part of the package it is
/// `FledgeFuzz NAME SECONDS SEED LAST FILE…`: it tries these inputs, and for so long what it makes of them (`ChangedInputs`).
/// The file LAST then has the input that was tried last.
///
/// What is expected of a reader beside that it goes on is said in its target; whatever is not so ends the program, as a crash
/// does.
@main
enum FledgeFuzz {
    private static let targets: [String: @Sendable ([UInt8]) -> Void] = [
        "document": DocumentTarget.run, "control": ControlTarget.run,
        "dataset": { Enlarged.trying($0, DatasetTarget.run) }, "answers": { Enlarged.trying($0, AnswerTarget.run) },
        "trainer": { Enlarged.trying($0, TrainerTarget.run) }, "safetensors": SafetensorsTarget.run,
    ]

    static func main() {
        #if FUZZER
            fuzz()
        #else
            replay(CommandLine.arguments.dropFirst())
        #endif
    }

    /// - Parameter arguments: without the program's name.
    private static func replay(_ arguments: ArraySlice<String>) {
        var rest = arguments
        guard rest.count > 4, let name = rest.popFirst(), let target = targets[name],
            let seconds = rest.popFirst().flatMap(Int.init), let seed = rest.popFirst().flatMap(UInt64.init),
            let last = rest.popFirst()
        else { usage() }
        var count = 0
        func attempt(_ input: [UInt8]) {
            must("a file") { try Data(input).write(to: URL(filePath: last)) }
            target(input)
            count += 1
        }
        let kept = rest.map { path in must("an input") { Array(try Data(contentsOf: URL(filePath: path))) } }
        kept.forEach(attempt)
        var changed = ChangedInputs(of: kept, seed: seed)
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end { attempt(changed.next()) }
        print(count)
    }

    private static func usage() -> Never {
        let text = "usage: FledgeFuzz \(targets.keys.sorted().joined(separator: "|")) SECONDS SEED LAST FILE…\n"
        FileHandle.standardError.write(Data(text.utf8))
        exit(64)
    }
}

#if FUZZER
    extension FledgeFuzz {
        /// libFuzzer starts itself again to merge, with its own arguments alone.
        private static let variable = "FLEDGE_FUZZ_TARGET"

        private nonisolated(unsafe) static var target: @Sendable ([UInt8]) -> Void = { _ in }

        private static func fuzz() -> Never {
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
    }

    @_silgen_name("LLVMFuzzerRunDriver")
    private func runDriver(
        _ count: UnsafeMutablePointer<CInt>,
        _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
        _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
    ) -> CInt
#endif
