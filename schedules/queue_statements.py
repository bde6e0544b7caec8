"""What the queue says to PostgreSQL beyond Procrastinate's own functions.

Each statement about a job a worker holds is bound to it being that worker's.
"""

from __future__ import annotations

MOST_ATTEMPTS = 5
"""A job that was begun so often and lost its worker each time is not begun again: it may be what
ends them."""

JOBS = """
SELECT id, args, status::text AS status, attempts, scheduled_at FROM procrastinate_jobs
WHERE task_name = %(task)s AND (%(over)s OR status IN ('todo', 'doing')) ORDER BY id
"""
JOB = """
SELECT id, args, status::text AS status, attempts, scheduled_at FROM procrastinate_jobs
WHERE task_name = %(task)s AND id = %(job)s
"""
JOB_FOR = """
SELECT id, args, status::text AS status, attempts, scheduled_at FROM procrastinate_jobs
WHERE task_name = %(task)s AND args ->> 'asked_for' = %(asked_for)s ORDER BY id DESC LIMIT 1
"""
JOIN = """
UPDATE procrastinate_jobs SET args = args || jsonb_build_object('asked_for', %(asked_for)s::text)
WHERE task_name = %(task)s AND status = 'todo' AND queueing_lock = %(name)s
RETURNING id, args, status::text AS status, attempts, scheduled_at
"""
BEAT = """
UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id = %(worker)s RETURNING id
"""
END = """
UPDATE procrastinate_jobs
SET status = %(state)s::procrastinate_job_status, attempts = attempts + 1,
    args = args || jsonb_build_object('exit_status', %(exit_status)s::integer)
WHERE id = %(job)s AND worker_id = %(worker)s AND status = 'doing' RETURNING id
"""
PUT_BACK = """
UPDATE procrastinate_jobs AS job
SET status = CASE
        WHEN EXISTS (
            SELECT 1 FROM procrastinate_jobs AS same
            WHERE same.status = 'todo' AND same.queueing_lock = job.queueing_lock
        ) THEN 'aborted' ELSE 'todo' END::procrastinate_job_status,
    attempts = attempts + %(counts)s, worker_id = NULL, scheduled_at = %(at)s
WHERE id = %(job)s AND worker_id = %(worker)s AND status = 'doing' RETURNING id
"""
RESCUE = """
WITH stalled AS (
    SELECT id FROM procrastinate_jobs AS held
    WHERE status = 'doing' AND task_name = %(task)s AND NOT EXISTS (
        SELECT 1 FROM procrastinate_workers AS worker
        WHERE worker.id = held.worker_id
        AND worker.last_heartbeat >= now() - make_interval(secs => %(seconds)s)
    )
    FOR UPDATE SKIP LOCKED
)
UPDATE procrastinate_jobs AS job
SET status = CASE
        WHEN job.attempts + 1 >= %(most)s THEN 'failed'
        WHEN EXISTS (
            SELECT 1 FROM procrastinate_jobs AS same
            WHERE same.status = 'todo' AND same.queueing_lock = job.queueing_lock
        ) THEN 'aborted' ELSE 'todo' END::procrastinate_job_status,
    attempts = attempts + 1, worker_id = NULL
FROM stalled WHERE job.id = stalled.id RETURNING job.id
"""
