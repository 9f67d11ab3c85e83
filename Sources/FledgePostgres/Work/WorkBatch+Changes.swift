import FledgeCore
import FledgeEngine
import PostgresClient

/// What transitions do to their cycles' work, as the stage machine said it.
enum WorkChangeStatement: String, StoredStatement {
    case cancelOpen = """
        UPDATE work_item SET state = 'cancelled', leased_until = NULL, finished_at = now()
        WHERE cycle_id = ANY ($1::bigint[]) AND state IN ('queued', 'leased')
        """
    // Of every kind where that is null.
    case cancelDead = """
        UPDATE work_item w SET state = 'cancelled'
        FROM unnest($1::bigint[], $2::text[]) AS a (cycle, kind)
        WHERE w.cycle_id = a.cycle AND w.state = 'dead' AND (a.kind IS NULL OR w.kind = a.kind)
        """
    // $2, here and in the statements below: what a step of priority is worth.
    case reviveDead = """
        UPDATE work_item SET state = 'queued', attempts = 0, finished_at = NULL, died_with = NULL, run_at = now(),
               turn_at = now() - priority * $2::bigint * interval '1 microsecond'
        WHERE cycle_id = ANY ($1::bigint[]) AND state = 'dead'
        """
    case pause = """
        UPDATE work_item SET run_at = 'infinity', turn_at = 'infinity'
        WHERE cycle_id = ANY ($1::bigint[]) AND state = 'queued'
        """
    case resume = """
        UPDATE work_item SET run_at = now(), turn_at = now() - priority * $2::bigint * interval '1 microsecond'
        WHERE cycle_id = ANY ($1::bigint[]) AND state = 'queued' AND run_at = 'infinity'
        """
    case enqueue = """
        INSERT INTO work_item (cycle_id, kind, payload, priority, turn_at)
        SELECT a.cycle, a.kind, a.payload::jsonb, a.priority, now() - a.priority * $5::bigint * interval '1 microsecond'
        FROM unnest($1::bigint[], $2::text[], $3::text[], $4::int[]) WITH ORDINALITY
            AS a (cycle, kind, payload, priority, place)
        ORDER BY a.place
        """
}

extension WorkBatch {
    /// One statement for each kind of change, whatever the number of transitions. They are of different cycles, so that only
    /// the order within each of them counts, and that is the order of the kinds.
    static func work(of transitions: [Transition]) -> [PostgresStatement] {
        let changes = transitions.flatMap { transition in transition.changes.map { (transition.cycle, $0) } }
        return WorkChange.Kind.allCases.compactMap { kind in
            let these = changes.filter { $0.1.kind == kind }
            return these.isEmpty ? nil : statement(kind, these)
        }
    }

    private static func statement(_ kind: WorkChange.Kind, _ changes: [(CycleHead, WorkChange)]) -> PostgresStatement {
        let cycles = changes.map(\.0.id.rawValue)
        let step = WorkPriority.step.wholeMicroseconds
        switch kind {
        case .cancelOpen: return PostgresStatement(WorkChangeStatement.cancelOpen, [cycles])
        case .cancelDead:
            let kinds = changes.map { change -> String? in
                if case .cancelDead(let kind) = change.1 { kind?.rawValue } else { nil }
            }
            return PostgresStatement(WorkChangeStatement.cancelDead, [cycles, PostgresArray(kinds)])
        case .reviveDead: return PostgresStatement(WorkChangeStatement.reviveDead, [cycles, step])
        case .pause: return PostgresStatement(WorkChangeStatement.pause, [cycles])
        case .resume: return PostgresStatement(WorkChangeStatement.resume, [cycles, step])
        case .enqueue:
            let actions = changes.map(\.1).actions
            return PostgresStatement(
                WorkChangeStatement.enqueue,
                [
                    cycles, actions.map(\.kind.rawValue), actions.map(\.storedJSON), changes.map(\.0.priority), step,
                ])
        }
    }
}
