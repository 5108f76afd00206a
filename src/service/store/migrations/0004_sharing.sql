-- The register of data-sharing agreements. `terms` is JSON: what each says. A reference is its
-- organisation's own.
CREATE TABLE sharing (
    id TEXT NOT NULL PRIMARY KEY,
    organisation TEXT NOT NULL REFERENCES organisations (id),
    reference TEXT NOT NULL,
    terms TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    ended_at BIGINT,
    UNIQUE (organisation, reference)
);

CREATE TABLE sharing_signatures (
    agreement TEXT NOT NULL REFERENCES sharing (id),
    side TEXT NOT NULL,
    signer TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (agreement, side)
);

-- What providers let everybody see: numbers of released reports alone (JSON), and what the provider
-- says of them.
CREATE TABLE publications (
    submission TEXT NOT NULL PRIMARY KEY REFERENCES submissions (id),
    provider_says TEXT NOT NULL,
    results TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX publications_by_time ON publications (at, submission);
