import Foundation

/// Which rows of a dataset must stay together: those of a group, and those whose inputs are the same but for case and
/// white space, joined transitively.
package struct RowGroups: Sendable {
    package let rows: LabelledRows
    /// For each row, the place of the first row of the same group. The group of a row without one is named after its
    /// content.
    private let sameName: [Int32]
    /// For each row, the place of the first row with the same inputs.
    private let sameContent: [Int32]
    /// What rows without a group are named after.
    private let contentHashes: [UInt64]

    /// - Throws: `CancellationError` where the task was cancelled.
    package init(_ rows: LabelledRows) throws(CancellationError) {
        self.rows = rows
        var point = CancellationPoint()
        let writer = Writer(rows)
        var contents = FirstPlaces(count: rows.count)
        var names = FirstPlaces(count: rows.count)
        var sameName = [Int32](repeating: 0, count: rows.count)
        var sameContent = sameName
        var hashes = [UInt64](repeating: 0, count: rows.count)
        for place in 0..<rows.count {
            writer.writeContent(of: place)
            try point.pass(128 + writer.content.count)
            if !Self.hasGroup(rows, place) { hashes[place] = StableHash.hash(writer.content.bytes, seed: 0) }
            writer.compose(writer.content)
            sameContent[place] = Int32(
                contents.first(place, Fingerprint.of(writer.content.bytes)) { writer.hasContent(of: $0) })
            writer.writeName(of: place, hashes[place])
            sameName[place] = Int32(
                names.first(place, Fingerprint.of(writer.name.bytes)) { writer.hasName(of: $0, hashes[$0]) })
        }
        self.sameName = sameName
        self.sameContent = sameContent
        contentHashes = hashes
    }

    /// The name of a row's own group.
    func name(of place: Int) -> String {
        if Self.hasGroup(rows, place) { return rows.group?[place] ?? "" }
        return Self.name(ofContent: contentHashes[place])
    }

    /// For splits that a seed draws.
    func hashOfName(of place: Int, seed: UInt64) -> UInt64 {
        guard Self.hasGroup(rows, place), let group = rows.group else {
            return StableHash.hash(Self.name(ofContent: contentHashes[place]), seed: seed)
        }
        return group.withBytes(of: place) { StableHash.hash($0, seed: seed) }
    }

    /// Those of some rows that must stay together.
    func components(of places: [Int]) -> Components {
        var sets = DisjointSets(count: rows.count)
        var firstOfName = [Int32](repeating: -1, count: rows.count)
        var firstOfContent = firstOfName
        func join(_ place: Int, _ known: inout [Int32], _ key: Int32) {
            if known[Int(key)] < 0 { known[Int(key)] = Int32(place) } else { sets.join(place, Int(known[Int(key)])) }
        }
        for place in places {
            join(place, &firstOfName, sameName[place])
            join(place, &firstOfContent, sameContent[place])
        }
        return Components(places: places, roots: places.map { Int32(sets.root(of: $0)) })
    }

    /// For each row, the row that its component is named after: the one with the least name.
    package func representatives() -> [Int32] {
        let components = components(of: Array(0..<rows.count))
        var least = [Int32](repeating: -1, count: rows.count)
        for (place, root) in zip(components.places, components.roots) {
            let best = Int(least[Int(root)])
            if best < 0 || sameName[best] != sameName[place] && name(of: place) < name(of: best) {
                least[Int(root)] = Int32(place)
            }
        }
        return components.roots.map { least[Int($0)] }
    }

    /// A name for the component that each row is in, in the rows' order.
    func names() -> [String] { representatives().map { name(of: Int($0)) } }

    /// The name of the component of a row, by what `representatives` says of it.
    package func name(ofRepresentative place: Int32) -> String { name(of: Int(place)) }

    struct Components {
        /// Ascending.
        let places: [Int]
        /// For each place, the first of the places that must stay in one split with it.
        let roots: [Int32]
    }

    private static func hasGroup(_ rows: LabelledRows, _ place: Int) -> Bool {
        rows.group?.withBytes(of: place) { !$0.isEmpty } ?? false
    }

    private static func name(ofContent hash: UInt64) -> String {
        let digits = String(hash, radix: 16)
        return "content-" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    // MARK: - What is compared

    /// Writes contents and names as bytes that are the same exactly where the texts are.
    private final class Writer {
        let content = ByteScratch()
        let name = ByteScratch()
        private let other = ByteScratch()
        private let rows: LabelledRows

        init(_ rows: LabelledRows) { self.rows = rows }

        func writeContent(of place: Int) { write(place, to: content) }

        func hasContent(of place: Int) -> Bool {
            write(place, to: other)
            compose(other)
            return ByteScratch.areEqual(content.bytes, other.bytes)
        }

        func writeName(of place: Int, _ hash: UInt64) {
            write(name: place, hash, to: name)
        }

        func hasName(of place: Int, _ hash: UInt64) -> Bool {
            write(name: place, hash, to: other)
            return ByteScratch.areEqual(name.bytes, other.bytes)
        }

        /// Swift takes texts for the same that Unicode does.
        func compose(_ scratch: ByteScratch) {
            if !ByteScratch.isASCII(scratch.bytes) { scratch.set(scratch.text.precomposedStringWithCanonicalMapping) }
        }

        /// The inputs in lower case, with runs of white space as one space.
        private func write(_ place: Int, to target: ByteScratch) {
            target.clear()
            var isFirst = true
            for input in rows.inputs where !input.values.isAbsent(place) {
                if !isFirst { target.append(0x1E) }
                isFirst = false
                target.append(input.name)
                target.append(0x1F)
                input.values.withBytes(of: place) { value in
                    if target.append(value, by: .light) { return }
                    let text = String(decoding: value, as: UTF8.self).lowercased()
                    target.append(text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
                }
            }
        }

        private func write(name place: Int, _ hash: UInt64, to target: ByteScratch) {
            target.clear()
            if let group = rows.group, RowGroups.hasGroup(rows, place) {
                group.withBytes(of: place, target.append)
                compose(target)
            } else {
                target.append(RowGroups.name(ofContent: hash))
            }
        }
    }
}
