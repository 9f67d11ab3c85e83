/// The names that a file's records use, each with a number, in the order in which they come up.
///
/// Names are the same when Unicode says so, as Swift's strings are: `é` is one name whether it is written with one
/// character or two.
struct FieldNames {
    private(set) var names: [String] = []
    private var spellings: [[UInt8]] = []
    private var numbers: [String: Int] = [:]
    private var numbersOfSpellings: [ArraySlice<UInt8>: Int] = [:]

    /// - Parameter guess: the number that is likely, because the record before had it there.
    mutating func number(of spelling: ArraySlice<UInt8>, guess: Int) -> Int {
        if spellings.indices.contains(guess), spelling.elementsEqual(spellings[guess]) { return guess }
        if let known = numbersOfSpellings[spelling] { return known }
        let name = String(decoding: spelling, as: UTF8.self)
        let number = numbers[name] ?? names.count
        if number == names.count {
            names.append(name)
            spellings.append(Array(spelling))
            numbers[name] = number
        }
        // A slice of its own: the record's bytes go on to the next.
        numbersOfSpellings[ArraySlice(Array(spelling))] = number
        return number
    }
}
