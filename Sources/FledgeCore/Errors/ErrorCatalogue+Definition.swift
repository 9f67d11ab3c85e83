extension ErrorCatalogue {
    /// `definition.…`
    static let definition: [ErrorEntry] = [
        ErrorEntry(
            "definition.apply_outdated", .permanent, .usage, http: 400,
            "This fledge is older than the daemon, and wants it to read a data file from its own disk.",
            "Update fledge."),
        ErrorEntry(
            "definition.bad_name", .permanent, .badData,
            "The use case has a name that is none.",
            "Use lower-case letters, digits and hyphens."),
        ErrorEntry(
            "definition.bad_priority", .permanent, .badData,
            "The priority is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "definition.bad_text", .permanent, .badData,
            "A text of the definition holds control characters.",
            "Take them out."),
        ErrorEntry(
            "definition.cache_unwritable", .needsPerson, .cannotWrite, http: 507,
            "The folder for compiled definitions can't be written.",
            "Check its owner and permissions, or choose another folder."),
        ErrorEntry(
            "definition.compiler_missing", .needsPerson, .unavailable, http: 503,
            "There is no Swift compiler.",
            "Install Swift 6.2 or later."),
        ErrorEntry(
            "definition.does_not_compile", .permanent, .badData,
            "The definition does not compile.",
            "Mend what the compiler names."),
        ErrorEntry(
            "definition.duplicate", .permanent, .badData,
            "A part of the definition is given twice.",
            "Keep one of them."),
        ErrorEntry(
            "definition.failed", .permanent, .badData, also: [.unavailable],
            "The definition ended before its use cases were made.",
            "Remove what ends the program: a definition only declares values."),
        ErrorEntry(
            "definition.library_missing", .needsPerson, .configuration,
            "The library that definitions are compiled with is missing.",
            "Install it beside fledge."),
        ErrorEntry(
            "definition.missing", .needsPerson, .badData, http: 422,
            "There is no readable definition at the path.",
            "Check the path and its permissions."),
        ErrorEntry(
            "definition.missing_part", .permanent, .badData,
            "A block of the definition is missing.",
            "Add the block."),
        ErrorEntry(
            "definition.named_twice", .permanent, .badData,
            "Two definitions that are applied together have one name.",
            "Give each use case a name of its own."),
        ErrorEntry(
            .definitionNoSandbox, .needsPerson, .unavailable, http: 503,
            "There is no sandbox to compile and run a definition in.",
            "Install bubblewrap and let it make namespaces."),
        ErrorEntry(
            "definition.no_use_case", .permanent, .badData,
            "The file declares no use case.",
            "Declare one at the start of a line."),
        ErrorEntry(
            "definition.not_swift", .permanent, .badData,
            "The definition is no .swift file.",
            "Name a .swift file that is not main.swift."),
        ErrorEntry(
            "definition.nul_character", .permanent, .badData,
            "A text of the definition holds a NUL character.",
            "Take it out."),
        ErrorEntry(
            "definition.number_out_of_range", .permanent, .badData,
            "A number of the definition is out of its range.",
            "Write a number in the range that the message names."),
        ErrorEntry(
            "definition.start_delayed", .transient, .tryAgain,
            "The definition is stored, and what follows from it could not be begun at once.",
            "Nothing: a daemon begins it a little later."),
        ErrorEntry(
            "definition.text_too_long", .permanent, .badData,
            "A text of the definition is too long.",
            "Put what changes from row to row into the data."),
        ErrorEntry(
            "definition.unknown_format", .permanent, .badData,
            "The definition's document has a format of another version.",
            "Update whichever of fledge and fledged is older."),
    ]
}

extension FledgeError.Code {
    package static let definitionNoSandbox: Self = "definition.no_sandbox"
}
