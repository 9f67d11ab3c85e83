extension Duration {
    /// A duration of whole minutes.
    public static func minutes(_ count: Int) -> Duration { .seconds(times(count, 60)) }

    /// A duration of whole hours.
    public static func hours(_ count: Int) -> Duration { .seconds(times(count, 3600)) }

    /// The outermost number where the product doesn't fit: `fledge check` refuses it with file and line, which a definition that
    /// traps here would not get.
    private static func times(_ count: Int, _ seconds: Int) -> Int {
        let (product, isTooLarge) = count.multipliedReportingOverflow(by: seconds)
        return isTooLarge ? (count < 0 ? .min : .max) : product
    }

    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
