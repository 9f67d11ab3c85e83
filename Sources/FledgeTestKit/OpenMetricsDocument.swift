/// A text of OpenMetrics 1.0, read as strictly as its specification is written.
package struct OpenMetricsDocument: Sendable {
    package struct Malformed: Error, CustomStringConvertible {
        package let description: String
    }

    package struct Sample: Sendable {
        package let name: String
        package let labels: [String: String]
        package let value: Double
    }

    package struct Family: Sendable {
        package let name: String
        package var type = "unknown"
        package var unit = ""
        package var help = ""
        package var samples: [Sample] = []
    }

    package private(set) var families: [String: Family] = [:]

    /// - Throws: `Malformed`, with the line.
    package init(_ text: String) throws {
        guard text.hasSuffix("# EOF\n") else { throw Malformed(description: "the text does not end with # EOF") }
        var current = ""
        var seen: Set<String> = []
        for line in text.dropLast("# EOF\n".count).split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            do {
                if line.hasPrefix("# ") {
                    try readMetadata(line, current: &current)
                } else {
                    let sample = try Self.sample(line)
                    let key = sample.name + sample.labels.sorted { $0.key < $1.key }.description
                    try Self.require(seen.insert(key).inserted, "the sample is there twice")
                    try add(sample, to: current)
                }
            } catch let error as Malformed {
                throw Malformed(description: "\(error.description): \(line)")
            }
        }
        for family in families.values { try Self.check(family) }
    }

    /// The value of the sample with this name and these labels; nil when there is none.
    package func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        families.values.lazy.flatMap(\.samples).first { $0.name == name && $0.labels == labels }?.value
    }

    private static func require(_ condition: Bool, _ message: String) throws {
        if !condition { throw Malformed(description: message) }
    }

    private mutating func readMetadata(_ line: Substring, current: inout String) throws {
        let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
        try Self.require(words.count == 4, "metadata without a value")
        let (what, name, value) = (words[1], String(words[2]), String(words[3]))
        if name != current {
            try Self.require(families[name] == nil, "the family's lines do not stand together")
            try Self.require(name.wholeMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*/) != nil, "bad name")
            families[name] = Family(name: name)
            current = name
        }
        try Self.require(families[name]?.samples.isEmpty == true, "metadata after samples")
        switch what {
        case "TYPE":
            let types = ["counter", "gauge", "histogram", "gaugehistogram", "stateset", "info", "summary", "unknown"]
            try Self.require(types.contains(value), "bad type")
            families[name]?.type = value
        case "UNIT":
            try Self.require(value.isEmpty || name.hasSuffix("_" + value), "the name does not end with the unit")
            families[name]?.unit = value
        case "HELP":
            families[name]?.help = try Self.unescaped(value)
        default: throw Malformed(description: "no such metadata")
        }
    }

    private mutating func add(_ sample: Sample, to current: String) throws {
        guard let family = families[current] else { throw Malformed(description: "a sample without a family") }
        let suffixes: [String] =
            switch family.type {
            case "counter": ["_total", "_created"]
            case "histogram": ["_bucket", "_count", "_sum", "_created"]
            case "info": ["_info"]
            default: [""]
            }
        try Self.require(
            suffixes.contains { sample.name == current + $0 }, "not a sample of the \(family.type) \(current)")
        families[current]?.samples.append(sample)
    }

    private static func sample(_ line: Substring) throws -> Sample {
        let form = /([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\[\\"n])*",?)*)\})? (\S+)/
        guard let match = line.wholeMatch(of: form) else { throw Malformed(description: "not a sample") }
        var labels: [String: String] = [:]
        if let text = match.2 {
            try require(!text.hasSuffix(","), "a comma after the last label")
            for label in text.matches(of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"/) {
                try require(labels[String(label.1)] == nil, "a label is there twice")
                labels[String(label.1)] = try unescaped(String(label.2))
            }
        }
        let number = ["+Inf": Double.infinity, "-Inf": -Double.infinity, "NaN": Double.nan][match.3] ?? Double(match.3)
        guard let number else { throw Malformed(description: "not a number") }
        return Sample(name: String(match.1), labels: labels, value: number)
    }

    private static func unescaped(_ text: String) throws -> String {
        var result = ""
        var iterator = text.makeIterator()
        while let character = iterator.next() {
            guard character == "\\" else {
                try require(character != "\n", "a line break")
                result.append(character)
                continue
            }
            switch iterator.next() {
            case "\\": result.append("\\")
            case "\"": result.append("\"")
            case "n": result.append("\n")
            default: throw Malformed(description: "a bad escape")
            }
        }
        return result
    }

    /// A bound in its canonical form has a fraction or an exponent.
    private static func bound(_ text: String) -> Double? {
        if text == "+Inf" { return .infinity }
        return text.contains { ".e".contains($0) } ? Double(text) : nil
    }

    private static func check(_ family: Family) throws {
        func complain(_ what: String) -> Malformed { Malformed(description: "\(family.name): \(what)") }
        for sample in family.samples {
            if family.type == "counter", !(sample.value >= 0) { throw complain("a counter below zero") }
            if family.type == "info", sample.value != 1 { throw complain("an info that is not 1") }
            if family.type != "histogram", sample.labels["le"] != nil { throw complain("le is reserved") }
        }
        if family.type == "info", !family.unit.isEmpty { throw complain("an info with a unit") }
        guard family.type == "histogram" else { return }
        let groups = Dictionary(grouping: family.samples) { $0.labels.filter { $0.key != "le" } }
        for samples in groups.values {
            let buckets = samples.filter { $0.name.hasSuffix("_bucket") }
            let bounds = buckets.compactMap { sample in
                sample.labels["le"].flatMap(Self.bound)
            }
            guard bounds.count == buckets.count, bounds.last == .infinity, zip(bounds, bounds.dropFirst()).allSatisfy(<)
            else { throw complain("its buckets' bounds do not ascend to +Inf") }
            guard zip(buckets, buckets.dropFirst()).allSatisfy({ $0.value <= $1.value }),
                samples.first(where: { $0.name.hasSuffix("_count") })?.value == buckets.last?.value,
                samples.contains(where: { $0.name.hasSuffix("_sum") })
            else { throw complain("its buckets do not add up") }
        }
    }
}
