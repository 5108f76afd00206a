-- One text for SQLite and PostgreSQL: BLOB is written BYTEA for the latter. Times are milliseconds
-- since 1970, ids 32 hexadecimal digits, flags 0 or 1. No column takes a person of any list, a
-- file's name or a sheet's.

CREATE TABLE organisations (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE accounts (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    role TEXT NOT NULL,
    active BIGINT NOT NULL,
    password TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Attempts to sign in, known e-mail or not: its SHA-256 alone.
CREATE TABLE attempts (
    email_hash BLOB NOT NULL PRIMARY KEY,
    failures BIGINT NOT NULL,
    wait_until BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);

-- Sessions and API tokens: the SHA-256 of what the holder has.
CREATE TABLE tokens (
    id TEXT NOT NULL PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL,
    name TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX tokens_of_account ON tokens (account);

CREATE TABLE programmes (
    id TEXT NOT NULL PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (organisation, name)
);

CREATE TABLE nodes (
    id TEXT NOT NULL PRIMARY KEY,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);

CREATE TABLE submissions (
    id TEXT NOT NULL PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    programme TEXT NOT NULL REFERENCES programmes (id),
    study TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    problem TEXT,
    node TEXT NOT NULL,
    canary_seed BLOB NOT NULL,
    received_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX submissions_of_organisation ON submissions (organisation, received_at, id);
CREATE INDEX submissions_by_time ON submissions (received_at, id);
CREATE INDEX submissions_by_state ON submissions (state);

CREATE TABLE steps (
    submission TEXT NOT NULL REFERENCES submissions (id),
    place BIGINT NOT NULL,
    name TEXT NOT NULL,
    note TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (submission, place)
);

CREATE TABLE faces (
    submission TEXT NOT NULL REFERENCES submissions (id),
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (submission, name)
);

CREATE TABLE certificates (
    submission TEXT NOT NULL PRIMARY KEY REFERENCES submissions (id),
    leaf BIGINT NOT NULL UNIQUE,
    envelope TEXT NOT NULL,
    issued_at BIGINT NOT NULL
);

CREATE TABLE incidents (
    submission TEXT NOT NULL PRIMARY KEY REFERENCES submissions (id),
    opened_at BIGINT NOT NULL,
    note TEXT,
    resolved_at BIGINT,
    resolved_by TEXT,
    resolution TEXT
);

-- Who sent the same request again: SHA-256 of account and key, and of key and body's digest. The
-- key itself is its sender's, so that nobody here can confirm a guess at the body.
CREATE TABLE idempotency (
    key_hash BLOB NOT NULL PRIMARY KEY,
    body_hash BLOB NOT NULL,
    submission TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- The ends of the two chains; changing a row here is the lock that puts writers in one order.
CREATE TABLE heads (
    name TEXT NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    hash BLOB NOT NULL
);

CREATE TABLE audit (
    place BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    hash BLOB NOT NULL
);

CREATE TABLE ledger_leaves (
    place BIGINT NOT NULL PRIMARY KEY,
    leaf BLOB NOT NULL,
    at BIGINT NOT NULL
);

CREATE TABLE ledger_hashes (
    place BIGINT NOT NULL PRIMARY KEY,
    hash BLOB NOT NULL
);

CREATE TABLE checkpoints (
    size BIGINT NOT NULL PRIMARY KEY,
    note TEXT NOT NULL,
    at BIGINT NOT NULL
);
