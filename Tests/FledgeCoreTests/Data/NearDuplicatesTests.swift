import FledgeCore
import Testing

@Suite("Near duplicates")
struct NearDuplicatesTests {
    /// The definition, without any hashing.
    private static func shingles(_ text: String) -> Set<String> {
        let letters = Array(text)
        guard letters.count >= 5 else { return [] }
        return Set((0...(letters.count - 5)).map { String(letters[$0..<$0 + 5]) })
    }

    private static func jaccard(_ left: Set<String>, _ right: Set<String>) -> Double {
        let shared = left.intersection(right).count
        return Double(shared) / Double(left.count + right.count - shared)
    }

    private static func find(_ texts: [String]) throws -> NearDuplicates.Outcome {
        try NearDuplicates.find(in: TextColumn(texts), places: Array(texts.indices))
    }

    @Test("what is found is what the definition says, with its similarity", arguments: UInt64(1)..<3)
    func agreesWithDefinition(seed: UInt64) throws {
        var maker = MessageMaker(seed: seed)
        let originals = (0..<60).map { _ in maker.message() }
        let texts = originals + originals.enumerated().map { maker.misspelt($1, changes: $0 % 5) + " x" }
        let sets = texts.map(Self.shingles)
        let outcome = try Self.find(texts)
        #expect(outcome.isComplete)
        let found = Dictionary(uniqueKeysWithValues: outcome.pairs.map { ([$0.first, $0.second], $0.similarity) })
        var missed = 0
        for first in texts.indices {
            for second in texts.indices.dropFirst(first + 1) {
                let similarity = Self.jaccard(sets[first], sets[second])
                if let reported = found[[first, second]] {
                    #expect(abs(reported - similarity) < 1e-9)
                } else if similarity >= NearDuplicates.threshold {
                    missed += 1
                }
            }
        }
        #expect(found.values.allSatisfy { $0 >= NearDuplicates.threshold })
        #expect(found.count > 20 && missed == 0, "\(missed) missed, \(found.count) found")
    }

    @Test("a search by comparing every pair finds the same, in any script", arguments: UInt64(0)..<4)
    func agreesWithEveryPair(seed: UInt64) throws {
        var maker = MessageMaker(seed: 40 + seed)
        var random = SplitMix64(seed: seed)
        let letters = Array(["abcdefgh", "äößéàñçø", "漢字仮名交文章", "😀👍🎉🚀💡🔥"][Int(seed)])
        var texts: [String] = []
        for _ in 0..<150 {
            var text = maker.message(words: 4...14)
            for _ in 0..<Int(random.next(below: 12)) {
                let place = text.index(text.startIndex, offsetBy: Int(random.next(below: UInt64(text.count))))
                text.insert(letters[Int(random.next(below: UInt64(letters.count)))], at: place)
            }
            texts.append(text)
            if random.next(below: 2) == 0 { texts.append(maker.misspelt(text, changes: Int(random.next(below: 4)))) }
            if random.next(below: 8) == 0 { texts.append(text + " " + text) }
        }
        let sets = texts.map(Self.shingles)
        var expected: Set<[Int]> = []
        for first in texts.indices where sets[first].count >= NearDuplicates.minimumShingles {
            for second in texts.indices.dropFirst(first + 1)
            where sets[second].count >= NearDuplicates.minimumShingles
                && Self.jaccard(sets[first], sets[second]) >= NearDuplicates.threshold
            {
                expected.insert([first, second])
            }
        }
        let found = try Self.find(texts)
        #expect(found.isComplete && Set(found.pairs.map { [$0.first, $0.second] }) == expected)
        #expect(found.pairs.allSatisfy { abs($0.similarity - Self.jaccard(sets[$0.first], sets[$0.second])) < 1e-9 })
        #expect(expected.count > 20)
        // Threads take turns as they like; what is found does not depend on it.
        #expect(try Self.find(texts).pairs == found.pairs)
    }

    @Test("only the texts at the places that are named are compared")
    func places() throws {
        var maker = MessageMaker(seed: 6)
        let text = maker.message(words: 10...10)
        let column = TextColumn([text, text + " x", nil, text, text + " y"])
        let found = try NearDuplicates.find(in: column, places: [0, 2, 4]) { one, other in one == 0 && other == 2 }
        #expect(found.pairs.map { [$0.first, $0.second] } == [[0, 4]])
        #expect(try NearDuplicates.find(in: column, places: [0, 4]) { _, _ in true }.pairs == [])
    }

    @Test("candidates are found as often as the bands promise")
    func recall() throws {
        var maker = MessageMaker(seed: 3)
        var expected = 0
        var texts: [String] = []
        for _ in 0..<500 {
            let text = maker.message(words: 10...14)
            let other = maker.misspelt(text, changes: 2)
            if Self.jaccard(Self.shingles(text), Self.shingles(other)) >= NearDuplicates.threshold { expected += 1 }
            texts += [text, other]
        }
        let found = try Self.find(texts).pairs.count
        #expect(expected > 100)
        #expect(Double(found) >= 0.985 * Double(expected), "\(found) of \(expected)")
    }

    @Test("different texts are not reported")
    func different() throws {
        var maker = MessageMaker(seed: 8)
        #expect(try Self.find((0..<500).map { _ in maker.message() }).pairs == [])
    }

    @Test("what every text begins with tells nothing")
    func boilerplate() throws {
        var maker = MessageMaker(seed: 9)
        let prefix = "dear support team i am writing to you today because of the following problem with your product "
        let texts = (0..<200).map { _ in prefix + maker.words(3).joined(separator: " ") }
        #expect(try Self.find(texts).pairs == [])
        // What is left of a longer text tells all the same.
        let long = (0..<200).map { _ in prefix + maker.message(words: 12...12) }
        #expect(try Self.find(long + [long[7] + "s"]).pairs.map { [$0.first, $0.second] } == [[7, 200]])
    }

    @Test(
        "short texts, empty ones, and none, are no duplicates",
        arguments: [[], [""], ["a", "a"], ["refund me", "refund m"]])
    func short(_ texts: [String]) throws {
        #expect(try Self.find(texts).pairs == [])
    }

    @Test("a huge text is compared by its first part, and thousands alike are bounded and said to be")
    func bounded() throws {
        let huge = (0..<20_000).map { "word\($0)" }.joined(separator: " ")
        #expect(try Self.find([huge, huge + " more"]).pairs.map(\.similarity) == [1])
        let alike = (0..<400).map {
            "the parcel with number \($0 + 1000) has not arrived at the address that was given"
        }
        var maker = MessageMaker(seed: 5)
        let outcome = try Self.find(alike + (0..<200).map { _ in maker.message() })
        #expect(!outcome.isComplete)
        #expect(outcome.pairs.count > 400)
    }
}
