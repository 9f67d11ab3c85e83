/// Which of a number of things belong together (Tarjan and van Leeuwen 1984: linking by index, paths halved).
struct DisjointSets {
    private var parents: [Int]

    init(count: Int) { parents = Array(0..<count) }

    /// The least member of the set that a thing belongs to.
    mutating func root(of thing: Int) -> Int {
        var thing = thing
        while parents[thing] != thing {
            parents[thing] = parents[parents[thing]]
            thing = parents[thing]
        }
        return thing
    }

    mutating func join(_ first: Int, _ second: Int) {
        let left = root(of: first)
        let right = root(of: second)
        parents[max(left, right)] = min(left, right)
    }
}
