import FledgeEngine

@testable import FledgeDaemon

/// `docs/operating/settings.md`.
enum SettingsPage {
    static var text: String {
        """
        # Settings of the daemon

        A flag of `fledged` comes before the environment, the environment before the file, the file before what holds \
        unless something is said. The file is `/etc/fledge/fledged.json` for root and `~/.config/fledge/fledged.json` for \
        a person (in `XDG_CONFIG_HOME` where that is set); `\(DaemonSettings.fileFlag)` or \
        `\(DaemonSettings.fileVariable)` names another. It is a JSON object of the fields below:

        ```json
        {"concurrency": 8, "listen": "127.0.0.1:7420", "token": "file:/etc/fledge/token"}
        ```

        A variable that is empty is one that is not set. A flag or a field that is none ends the start, as does a value \
        that can't be read; all that are wrong in the same way are told at once. The log's line `started` shows each setting with where it \
        came from. `fledge daemon start` hands its environment on; settings of a daemon that runs change when it is \
        started again.

        | setting | meaning | is | unless said | example |
        |---|---|---|---|---|
        \(settings)

        A token or a secret is named by a reference, `env:NAME` or `file:PATH`, never by its value: command lines and \
        environments are seen by others.

        ## More about some

        \(more)

        ## Variables that are no settings

        | variable | of | meaning | unless said |
        |---|---|---|---|
        \(variables)

        These tables are made from those that are read by: `FLEDGE_RECORD=1 make test TEST='--filter SettingsPageTests'` \
        writes this page anew.

        """
    }

    private static var settings: String {
        SettingTable.all.map { setting in
            let names = [setting.key.flag, setting.key.variable, setting.key.field].map { "`\($0)`" }
            let standard = setting.shownStandard.map { "`\($0)`" } ?? "none"
            return "| \(names.joined(separator: "<br>")) | \(setting.meaning) | \(setting.form) | \(standard) "
                + "| `\(setting.example)` |"
        }.joined(separator: "\n")
    }

    private static var more: String {
        SettingTable.all.compactMap { setting in setting.more.map { "**`\(setting.key.field)`.** \($0)" } }
            .joined(separator: "\n\n")
    }

    private static var variables: String {
        EnvironmentVariable.allCases.map { variable in
            let programs = variable.programs.map { "`\($0.rawValue)`" }.joined(separator: ", ")
            return "| `\(variable.rawValue)` | \(programs) | \(variable.meaning) | \(variable.standard ?? "none") |"
        }.joined(separator: "\n")
    }
}
