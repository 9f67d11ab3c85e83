/// The version of this build.
package enum FledgeVersion {
    package static let current = "0.1.0"
}
