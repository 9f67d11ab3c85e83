import Foundation
import Testing

/// A call that has to be refused, and how.
struct BadInput: CustomTestStringConvertible, Sendable {
    let testDescription: String
    var program = "fledge"
    var arguments: [String]
    var environment: [String: String] = [:]
    /// By name, made in the current folder before the call.
    var files: [String: Data] = [:]
    var status: Int32
    /// What standard output or standard error has to say, each of them.
    var says: [String]

    init(
        _ description: String, program: String = "fledge", _ arguments: [String], environment: [String: String] = [:],
        files: [String: Data] = [:], status: Int32, says: [String]
    ) {
        testDescription = description
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.files = files
        self.status = status
        self.says = says
    }

    /// A definition, checked with data that are sound unless others are given.
    static func definition(
        _ description: String, _ definition: SmallDefinition, data: Data? = Data(SmallDefinition.rows.utf8),
        says: [String]
    ) -> BadInput {
        var files = ["small.swift": Data(definition.source.utf8)]
        files[definition.data] = data
        return BadInput(description, ["check", "small.swift"], files: files, status: 65, says: says)
    }
}
