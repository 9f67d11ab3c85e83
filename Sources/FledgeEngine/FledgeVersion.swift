/// Which Fledge this is.
package enum FledgeVersion {
    package static let current = "0.1.0"
}
