import FledgeCore

/// The definitions that come with Fledge, by the SHA-256 of their files.
///
/// `FLEDGE_RECORD=1 make test TEST='--filter OwnDefinitionsTests'` writes this file anew.
package enum OwnDefinitions {
    package static let digests = Set(
        [
            // address-state.swift
            "aa3a64839197c63abc4adc179bd5348231358fc29674ea738dbc20fbbd166183",
            // lexical-category.swift
            "299056f943cfd91a557bf574aac950375cb422eb9ff0000b52ba670472711282",
        ].compactMap(Digest.init(rawValue:)))
}
