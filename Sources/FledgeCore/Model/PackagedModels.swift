/// The models that come with Fledge, and can be named with `at: .local`.
package enum PackagedModels {
    package static let names = ["smollm2-135m-instruct"]
}
