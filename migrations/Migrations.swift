/// The schema's steps in order. Append a line for each new file of `sql/`; a test compares the two.
package enum Migrations {
    package static let all: [Migration] = [
        Migration(version: 1, name: "foundation", sql: PackageResources.m0001_foundation_sql),
        Migration(version: 2, name: "adapter_prompts", sql: PackageResources.m0002_adapter_prompts_sql),
        Migration(version: 3, name: "settled_leaks", sql: PackageResources.m0003_settled_leaks_sql),
        Migration(version: 4, name: "trials", sql: PackageResources.m0004_trials_sql),
        Migration(version: 5, name: "holdout_ledger", sql: PackageResources.m0005_holdout_ledger_sql),
        Migration(version: 6, name: "judges", sql: PackageResources.m0006_judges_sql),
        Migration(version: 7, name: "search", sql: PackageResources.m0007_search_sql),
        Migration(version: 8, name: "open_training_jobs", sql: PackageResources.m0008_open_training_jobs_sql),
        Migration(version: 9, name: "work_turns", sql: PackageResources.m0009_work_turns_sql),
        Migration(version: 10, name: "housekeeping", sql: PackageResources.m0010_housekeeping_sql),
        Migration(version: 11, name: "daemon_schema", sql: PackageResources.m0011_daemon_schema_sql),
        Migration(version: 12, name: "cheaper_history", sql: PackageResources.m0012_cheaper_history_sql),
        Migration(version: 13, name: "limits", sql: PackageResources.m0013_limits_sql),
        Migration(version: 14, name: "status_page", sql: PackageResources.m0014_status_page_sql),
        Migration(version: 15, name: "payments", sql: PackageResources.m0015_payments_sql),
        Migration(version: 16, name: "capped_cycles", sql: PackageResources.m0016_capped_cycles_sql),
        Migration(version: 17, name: "pruned_accounts", sql: PackageResources.m0017_pruned_accounts_sql),
        Migration(version: 18, name: "missing_answers", sql: PackageResources.m0018_missing_answers_sql),
        Migration(version: 19, name: "champion_moves", sql: PackageResources.m0019_champion_moves_sql),
        Migration(version: 20, name: "training_phase", sql: PackageResources.m0020_training_phase_sql),
        Migration(version: 21, name: "teacher", sql: PackageResources.m0021_teacher_sql),
    ]
}
