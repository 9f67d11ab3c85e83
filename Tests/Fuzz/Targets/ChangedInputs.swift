import FledgeCore

/// Inputs that are made of kept ones by a few random changes, without a look at the code that they reach.
///
/// For a build without libFuzzer, whose coverage tells it which changes are worth more.
struct ChangedInputs {
    private static let marks = Array("\0\n\r\t \",;:{}[]\\-.0919eEnul\u{FF}".utf8)

    private var generator: SplitMix64
    private let kept: [[UInt8]]

    /// - Parameter kept: at least one.
    init(of kept: [[UInt8]], seed: UInt64) {
        self.kept = kept
        generator = SplitMix64(seed: seed)
    }

    mutating func next() -> [UInt8] {
        var input = kept[below(kept.count)]
        for _ in 0...below(4) { change(&input) }
        return input
    }

    private mutating func change(_ input: inout [UInt8]) {
        let place = below(input.count + 1)
        let range = place..<place + below(min(32, input.count - place) + 1)
        switch below(5) {
        case 0: input.replaceSubrange(range, with: [])
        case 1: input.insert(contentsOf: input[range], at: below(input.count + 1))
        case 2: input.insert(Self.marks[below(Self.marks.count)], at: place)
        case 3 where place < input.count: input[place] ^= 1 << UInt8(below(8))
        default:
            let other = kept[below(kept.count)]
            input.replaceSubrange(place..., with: other[below(other.count + 1)...])
        }
    }

    private mutating func below(_ bound: Int) -> Int { Int(generator.next(below: UInt64(bound))) }
}
