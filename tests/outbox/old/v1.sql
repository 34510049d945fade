CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    sender TEXT NOT NULL,
    alert TEXT NOT NULL,
    revision INTEGER NOT NULL,
    channel TEXT NOT NULL,
    act TEXT NOT NULL CHECK (act IN ('publish', 'replace', 'recall', 'correct', 'notify')),
    occurrence INTEGER NOT NULL DEFAULT 0,
    account TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('actual', 'exercise', 'test')),
    plan_digest TEXT NOT NULL,
    post_digest TEXT NOT NULL,
    of_delivery INTEGER REFERENCES deliveries (id),
    urgency INTEGER NOT NULL,
    not_before TEXT,
    held_reason TEXT,
    expires_at TEXT NOT NULL,
    take_down_at TEXT,
    state TEXT NOT NULL CHECK (state IN ('queued', 'held', 'sending', 'done', 'rejected', 'unknown', 'skipped', 'superseded', 'expired')),
    queued_at TEXT NOT NULL,
    UNIQUE (sender, alert, revision, channel, act, occurrence)
) STRICT;

CREATE INDEX deliveries_due ON deliveries (state, urgency, id);

CREATE TABLE attempts (
    id INTEGER PRIMARY KEY,
    delivery INTEGER NOT NULL REFERENCES deliveries (id),
    number INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    outcome TEXT,
    error_code TEXT,
    error_text TEXT,
    steps TEXT NOT NULL DEFAULT '{}',
    receipt TEXT,
    UNIQUE (delivery, number)
) STRICT;
