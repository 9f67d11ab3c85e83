-- What was paid, said once: status, reports, budgets, caps and `fledge spend` all read it here.

-- Calls besides those that answered for a sample.
CREATE VIEW extra_payment AS
SELECT cycle_id, at, calls, (prompt_tokens + completion_tokens)::bigint AS tokens, cost_micro_dollars FROM judge_verdict
UNION ALL
SELECT cycle_id, at, 1, (prompt_tokens + completion_tokens)::bigint, cost_micro_dollars FROM search_call;

-- All that a cycle paid, whenever: the totals that are kept of its samples, and the rest. They stay when samples go.
CREATE VIEW cycle_payment AS
SELECT e.cycle_id, k.paid_calls AS calls, k.paid_tokens AS tokens, k.paid_cost_micro_dollars AS cost_micro_dollars
FROM experiment e JOIN experiment_candidate k ON k.experiment_id = e.id
UNION ALL
SELECT cycle_id, calls, tokens, cost_micro_dollars FROM extra_payment;

-- The same by the moment, for what was paid since one. Nothing that came with it is later than `latest_at`, which spares a
-- look at the samples of experiments that were over by then.
CREATE VIEW dated_payment AS
SELECT e.cycle_id, s.at, coalesce(e.finished_at, 'infinity') AS latest_at, 1 AS calls,
       (s.prompt_tokens + s.completion_tokens)::bigint AS tokens, s.cost_micro_dollars
FROM experiment e JOIN sample s ON s.experiment_id = e.id WHERE NOT s.from_cache
UNION ALL
SELECT cycle_id, at, at, calls, tokens, cost_micro_dollars FROM extra_payment;

-- What a use case paid since a moment, in all of its cycles.
CREATE FUNCTION paid_since(of_use_case bigint, moment timestamptz)
RETURNS TABLE (calls bigint, tokens bigint, cost_micro_dollars bigint) LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(paid.calls), 0)::bigint, coalesce(sum(paid.tokens), 0)::bigint, coalesce(sum(paid.cost), 0)::bigint
    FROM cycle c CROSS JOIN LATERAL (
        SELECT sum(p.calls) AS calls, sum(p.tokens) AS tokens, sum(p.cost_micro_dollars) AS cost
        FROM dated_payment p WHERE p.cycle_id = c.id AND p.at >= moment AND p.latest_at >= moment
    ) AS paid
    WHERE c.use_case_id = of_use_case
$$;

-- A page of use cases sums the verdicts of each: with what is summed in the index, their replies are never read for it.
CREATE INDEX judge_verdict_paid ON judge_verdict (cycle_id)
    INCLUDE (calls, prompt_tokens, completion_tokens, cost_micro_dollars);
DROP INDEX judge_verdict_of_cycle;

-- What the latest revision of a use case caps, and its period at a moment; no row where it caps nothing.
CREATE FUNCTION spend_rule(of_use_case bigint, moment timestamptz)
RETURNS TABLE (period text, zone text, cap_calls bigint, cap_tokens bigint, cap_micro_dollars bigint,
               starts_at timestamptz, ends_at timestamptz) LANGUAGE sql STABLE AS $$
    SELECT r.period, r.zone, (r.spend->>'calls')::bigint, (r.spend->>'tokens')::bigint,
           (r.spend->>'costMicroDollars')::bigint,
           date_trunc(r.period, moment AT TIME ZONE r.zone) AT TIME ZONE r.zone,
           (date_trunc(r.period, moment AT TIME ZONE r.zone) + ('1 ' || r.period)::interval) AT TIME ZONE r.zone
    FROM (SELECT spend, spend->>'period' AS period, coalesce(spend->>'zone', 'UTC') AS zone
          FROM (SELECT document->'useCase'->'spend' AS spend FROM definition_revision
                WHERE use_case_id = of_use_case ORDER BY number DESC LIMIT 1) AS latest
          WHERE jsonb_typeof(spend) = 'object') AS r
$$;
