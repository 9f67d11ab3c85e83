import FledgeCore
import Testing

@Suite struct JSONDifferenceTests {
    private struct Value: Encodable {
        var name = "a"
        var scores = [0.5, 0.25]
        var bound: Double? = .infinity
        var nested = ["x": 1]
    }

    @Test("the same value has no difference, also where JSON has no number for it")
    func same() throws { #expect(try JSONDifference.between(Value(), Value()) == []) }

    @Test("every place that differs is named, with both values; what one side lacks is nothing there")
    func differences() throws {
        let other = Value(name: "b", scores: [0.5, 0.75, 1], bound: nil, nested: ["x": 1, "y": 2])
        #expect(
            try JSONDifference.between(Value(), other) == [
                JSONDifference(path: "bound", recorded: "Infinity", computed: nil),
                JSONDifference(path: "name", recorded: "a", computed: "b"),
                JSONDifference(path: "nested.y", recorded: nil, computed: "2"),
                JSONDifference(path: "scores[1]", recorded: "0.25", computed: "0.75"),
                JSONDifference(path: "scores[2]", recorded: nil, computed: "1"),
            ])
    }
}
