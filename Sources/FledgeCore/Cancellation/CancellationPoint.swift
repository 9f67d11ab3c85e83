/// Where a long computation notices that its task was cancelled: every so many cheap steps, so that looking costs nothing.
///
/// A loop whose length depends on data, or on a definition's numbers, passes one of these in every turn. What it has
/// computed so far is thrown away: half a result is none.
package struct CancellationPoint: Sendable {
    /// Some tenths of a millisecond of arithmetic, or a few milliseconds of reading text byte by byte.
    package static let usualSteps = 1 << 16

    private let steps: Int
    private var left: Int

    package init(every steps: Int = Self.usualSteps) {
        self.steps = steps
        left = steps
    }

    /// - Parameter cost: how many cheap steps lie behind, such as the bytes that were looked at.
    /// - Throws: `CancellationError` where the task was cancelled, at the latest `steps` after that.
    @inline(__always)
    package mutating func pass(_ cost: Int = 1) throws(CancellationError) {
        left &-= cost
        if left <= 0 { try look() }
    }

    private mutating func look() throws(CancellationError) {
        left = steps
        try Self.check()
    }

    /// Between pieces that each take a while.
    package static func check() throws(CancellationError) {
        if Task.isCancelled { throw CancellationError() }
    }
}
