/// What people are told of the source text that is kept with a revision.
///
/// A gate, a cycle and a release rest on the document alone. The text is what the client says it compiled it from.
package enum RevisionSource {
    package static let unverified = "as sent by the client, not verified"
}
