CREATE TABLE log (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    sender TEXT,
    alert TEXT,
    revision INTEGER,
    actor TEXT NOT NULL,
    role TEXT,
    body TEXT,
    salt TEXT,
    body_digest TEXT NOT NULL,
    entry_digest TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;

CREATE INDEX log_alert ON log (alert, seq);

CREATE TRIGGER log_never_shrinks BEFORE DELETE ON log
BEGIN
    SELECT RAISE(ABORT, 'the record is append-only');
END;

CREATE TRIGGER log_only_purges BEFORE UPDATE ON log
WHEN NEW.body IS NOT NULL OR NEW.salt IS NOT NULL OR NEW.seq <> OLD.seq OR NEW.at <> OLD.at OR NEW.kind <> OLD.kind
    OR NEW.sender IS NOT OLD.sender OR NEW.alert IS NOT OLD.alert OR NEW.revision IS NOT OLD.revision OR NEW.actor <> OLD.actor
    OR NEW.role IS NOT OLD.role OR NEW.body_digest <> OLD.body_digest OR NEW.entry_digest <> OLD.entry_digest OR NEW.hash <> OLD.hash
BEGIN
    SELECT RAISE(ABORT, 'the record is append-only');
END;

CREATE TABLE holds (
    sender TEXT NOT NULL,
    alert TEXT NOT NULL,
    through INTEGER,
    at TEXT NOT NULL,
    held_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (sender, alert)
) STRICT;

CREATE TABLE pauses (
    account TEXT PRIMARY KEY,
    since TEXT NOT NULL,
    until TEXT NOT NULL
) STRICT;

CREATE TABLE blocked_media (
    digest TEXT PRIMARY KEY,
    sender TEXT NOT NULL,
    alert TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;

CREATE TABLE marks (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE INDEX deliveries_of ON deliveries (sender, alert, id);

CREATE INDEX deliveries_ready ON deliveries (account, act = 'publish', urgency, id) WHERE state = 'queued' AND not_before IS NULL;

CREATE INDEX deliveries_waiting ON deliveries (not_before) WHERE state = 'queued' AND not_before IS NOT NULL;

CREATE INDEX deliveries_retrying ON deliveries (waiting_since) WHERE state = 'queued' AND waiting_since IS NOT NULL;

CREATE INDEX deliveries_expiring ON deliveries (expires_at)
    WHERE state IN ('queued', 'held') AND act <> 'recall' AND (because IS NULL OR because = 'updated');

CREATE INDEX deliveries_sending ON deliveries (id) WHERE state = 'sending';

CREATE INDEX deliveries_unknown ON deliveries (id) WHERE state = 'unknown';

CREATE INDEX deliveries_held ON deliveries (id) WHERE state = 'held';
