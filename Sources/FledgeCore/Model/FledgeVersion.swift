/// The version of this build, as reports, the control API and `--version` show it.
package enum FledgeVersion {
    package static let current = "0.1.0"
}
