import _FoundationICU

/// A regular expression of ICU's dialect, compiled, with `^` and `$` at line ends.
///
/// ICU is called directly, and not through `NSRegularExpression`, which neither limits a search nor tells one that ended
/// without a result from one that found nothing.
package final class Pattern: Sendable {
    /// What a pattern can be refused for.
    package enum Problem: Error, Hashable, Sendable {
        /// ICU does not know what it means.
        case malformed
        /// It has more than `mostUnits` characters (UTF-16): compiling a megabyte can take gigabytes and half
        /// a minute.
        case tooLong
        /// It refers to its groups, or asks for whole characters (`\X`), more than `mostReferences` times: each may read
        /// the whole text in what counts as one step.
        case tooManyReferences
    }

    package static let mostUnits = 5_000
    package static let mostReferences = 16

    /// How a search ended.
    package enum Outcome: Hashable, Sendable {
        case found, absent
        /// It was given up before it was known.
        case unknown
    }

    /// What a search may take.
    package struct Limit: Sendable {
        /// In ten thousands. Steps are the same on every machine.
        package var steps: Int32
        /// How many seconds of a processor this thread has had: where steps are dear, time runs out first. Nil where time
        /// does not count.
        package var processorSeconds: (@Sendable () -> Double)?
        package var seconds = 1.0

        /// - Parameter steps: 60 million unless said: most of a second of backtracking, and enough for what takes the square
        ///   of an answer's length.
        package init(steps: Int32 = 6_000, processorSeconds: (@Sendable () -> Double)? = nil) {
            self.steps = steps
            self.processorSeconds = processorSeconds
        }

        /// A tenth of it.
        var tenth: Limit {
            var part = self
            part.steps = max(1, steps / 10)
            part.seconds /= 10
            return part
        }
    }

    private let compiled: Handle
    /// So many ten thousands of steps may be taken from one place of the text before it is doubtful that nothing was found:
    /// fewer than what ICU takes before it gives up without a word (a hundred million operations, of which a step has no
    /// more than the longest part of the pattern without a choice has, and as many where it is taken back).
    private let stepsOfPlace: Int
    /// Whether a part of it must not be found: what was given up there would be taken for a match.
    private let isNegated: Bool

    /// - Throws: why there is no such pattern.
    package init(_ pattern: String) throws(Problem) {
        let units = Array(pattern.utf16)
        guard units.count <= Self.mostUnits else { throw .tooLong }
        guard Self.references(in: pattern) <= Self.mostReferences else { throw .tooManyReferences }
        var status = U_ZERO_ERROR
        var place = UParseError()
        let opened = swift_uregex_open(units, Int32(clamping: units.count), UREGEX_MULTILINE.rawValue, &place, &status)
        guard let opened, status.rawValue <= U_ZERO_ERROR.rawValue else {
            if let opened { swift_uregex_close(opened) }
            throw .malformed
        }
        compiled = Handle(pointer: opened)
        stepsOfPlace = max(2, min(500, 5_000 / Self.longestStep(of: units).saturatingSum(8)))
        isNegated = pattern.contains("(?!") || pattern.contains("(?<!")
    }

    deinit { swift_uregex_close(compiled.pointer) }

    /// Looks for the pattern anywhere in a text.
    ///
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    package func search(_ text: String, within limit: Limit = Limit()) throws(CancellationError) -> Outcome {
        try CancellationPoint.check()
        var status = U_ZERO_ERROR
        // A compiled expression may be searched with by one thread only; its copies share what was compiled.
        guard let expression = swift_uregex_clone(compiled.pointer, &status) else { return .unknown }
        defer { swift_uregex_close(expression) }
        var watch = Watch(limit, ofPlace: stepsOfPlace)
        // An empty array may have no address, and ICU takes none.
        let units = Array(text.utf16) + [0]
        let isFound = units.withUnsafeBufferPointer { units in
            withUnsafeMutablePointer(to: &watch) { watch in
                swift_uregex_setText(expression, units.baseAddress, Int32(clamping: units.count - 1), &status)
                swift_uregex_setMatchCallback(
                    expression, { watch, _ in Watch.goesOn(watch, isStep: true) }, watch, &status)
                swift_uregex_setFindProgressCallback(
                    expression, { watch, _ in Watch.goesOn(watch, isStep: false) }, watch, &status)
                return swift_uregex_find(expression, 0, &status) != 0
            }
        }
        if watch.isCancelled { throw CancellationError() }
        // Stopped by the watch, or out of the memory that backtracking may take.
        guard status.rawValue <= U_ZERO_ERROR.rawValue else { return .unknown }
        if watch.isDoubtful, !isFound || isNegated { return .unknown }
        return isFound ? .found : .absent
    }

    /// What ICU asks on its way whether it is to go on.
    private struct Watch {
        private var stepsLeft: Int32
        private let mostOfPlace: Int
        private var stepsOfPlace = 0
        private let seconds: Double
        private let processorSeconds: (@Sendable () -> Double)?
        private let begin: Double
        private(set) var isCancelled = false
        /// Whether so many steps were taken from one place that ICU may have given up there.
        private(set) var isDoubtful = false

        init(_ limit: Limit, ofPlace most: Int) {
            mostOfPlace = most
            stepsLeft = limit.steps
            seconds = limit.seconds
            processorSeconds = limit.processorSeconds
            begin = limit.processorSeconds?() ?? 0
        }

        /// - Parameter isStep: whether ten thousand steps were taken; else the search comes to another place of the text.
        static func goesOn(_ watch: UnsafeRawPointer?, isStep: Bool) -> UBool {
            guard let watch = UnsafeMutableRawPointer(mutating: watch)?.assumingMemoryBound(to: Watch.self) else {
                return 1
            }
            return watch.pointee.goesOn(isStep: isStep) ? 1 : 0
        }

        private mutating func goesOn(isStep: Bool) -> Bool {
            if Task.isCancelled {
                isCancelled = true
                return false
            }
            guard isStep else {
                stepsOfPlace = 0
                return true
            }
            stepsLeft -= 1
            stepsOfPlace += 1
            if stepsOfPlace >= mostOfPlace { isDoubtful = true }
            guard stepsLeft > 0 else { return false }
            return processorSeconds.map { $0() - begin < seconds } ?? true
        }
    }

    /// Compiled once, and only copied after that, which ICU allows many threads to do at once.
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// At most so many operations are between two choices, at each of which ICU counts a step: the longest part of the
    /// pattern without one, as often as counted repeats have it.
    private static func longestStep(of units: [UInt16]) -> Int {
        let choices = Set("|*+?".utf16)
        var longest = 0
        var part = 0
        var times = 1
        var count: Int?
        for unit in units {
            part = choices.contains(unit) ? 0 : part + 1
            longest = max(longest, part)
            switch unit {
            case 0x7B: count = 0
            case 0x30...0x39: count = count.map { $0.saturatingProduct(10).saturatingSum(Int(clamping: unit - 0x30)) }
            default:
                times = times.saturatingProduct(max(1, count ?? 1))
                count = nil
            }
        }
        return longest.saturatingProduct(times)
    }

    private static func references(in pattern: String) -> Int {
        var count = 0
        var isEscaped = false
        for byte in pattern.utf8 {
            if isEscaped {
                isEscaped = false
                let isReference = (0x31...0x39).contains(byte) || byte == UInt8(ascii: "k")
                if isReference || byte == UInt8(ascii: "X") { count += 1 }
            } else {
                isEscaped = byte == UInt8(ascii: "\\")
            }
        }
        return count
    }
}
