-- What was released. Tags are made of the register's keys with a key that is not in here: how often
-- each held record was part of a release, and of whom each release was, as a sketch from which
-- nobody can be read.
CREATE TABLE release_uses (
    tag BIGINT NOT NULL PRIMARY KEY,
    uses BIGINT NOT NULL
);

-- `tags` is there until the answer is on record, so that what never left can be taken back.
CREATE TABLE release_sketches (
    submission TEXT NOT NULL PRIMARY KEY REFERENCES submissions (id),
    sketch BLOB NOT NULL,
    near BIGINT NOT NULL,
    tags BLOB,
    at BIGINT NOT NULL
);
CREATE INDEX release_sketches_by_time ON release_sketches (at, submission);
