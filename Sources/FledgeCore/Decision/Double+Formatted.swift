extension Double {
    /// A fixed number of decimals, the same on every machine.
    package func formatted(decimals: Int) -> String {
        guard isFinite else { return isNaN ? "n/a" : self > 0 ? "∞" : "−∞" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        guard abs(self * scale) < 9e15 else { return String(self) }
        let scaled = Int64(saturating: (self * scale).rounded())
        let whole = String(scaled.magnitude / UInt64(saturating: scale))
        let sign = scaled < 0 ? "-" : ""
        guard decimals > 0 else { return sign + whole }
        let fraction = String(scaled.magnitude % UInt64(saturating: scale))
        return sign + whole + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
    }
}
