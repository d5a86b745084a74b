-- What was learned from what was published, and when that failed. One row a revision: learning gives the same everywhere, so a process that learned the
-- same again adds nothing. The model itself is not here: learning it anew takes less than a second and gives the same bytes.
CREATE TABLE model_builds (
    revision BIGINT PRIMARY KEY,
    fingerprint TEXT NOT NULL DEFAULT '',
    failure TEXT NOT NULL DEFAULT '',
    seconds DOUBLE PRECISION NOT NULL,
    intents INTEGER NOT NULL,
    phrases INTEGER NOT NULL,
    figures TEXT NOT NULL DEFAULT '',
    made_at BIGINT NOT NULL,
    CHECK ((fingerprint = '') = (failure <> ''))
);
