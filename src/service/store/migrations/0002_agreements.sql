-- Under which data-sharing agreement a list was handed in, where that was said.
CREATE TABLE agreements (
    submission TEXT NOT NULL PRIMARY KEY REFERENCES submissions (id),
    reference TEXT NOT NULL,
    basis TEXT NOT NULL
);
