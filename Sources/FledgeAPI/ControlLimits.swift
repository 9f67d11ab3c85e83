/// What the daemon takes of a request.
package enum ControlLimits {
    /// The longest body, in bytes.
    package static let maximumBodyBytes = 8 << 20
}
