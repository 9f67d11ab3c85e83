/// Which of a number of things belong together (Tarjan and van Leeuwen 1984: linking by index, paths halved).
struct DisjointSets {
    private var parents: [Int32]

    init(count: Int) { parents = Array(0..<Int32(count)) }

    /// The least member of the set that a thing belongs to.
    mutating func root(of thing: Int) -> Int {
        var thing = Int32(thing)
        while parents[Int(thing)] != thing {
            parents[Int(thing)] = parents[Int(parents[Int(thing)])]
            thing = parents[Int(thing)]
        }
        return Int(thing)
    }

    mutating func join(_ first: Int, _ second: Int) {
        let left = root(of: first)
        let right = root(of: second)
        parents[max(left, right)] = Int32(min(left, right))
    }
}
