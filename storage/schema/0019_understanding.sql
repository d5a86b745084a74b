-- What staff decided about messages that nothing answered. made is JSON of what was put down for it, by which it is undone.
CREATE TABLE missed_decisions (
    id BIGINT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('taught', 'ignored', 'ticketed')),
    title TEXT NOT NULL,
    intent TEXT NOT NULL DEFAULT '',
    messages INTEGER NOT NULL,
    made TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    undone_by TEXT NOT NULL DEFAULT '',
    undone_at BIGINT
);
-- Wordings that need no more looking at, for as long as the decision stands.
CREATE TABLE missed_wordings (
    decision_id BIGINT NOT NULL REFERENCES missed_decisions (id),
    wording TEXT NOT NULL,
    PRIMARY KEY (decision_id, wording)
);
CREATE INDEX exchanges_missed ON exchanges (id) WHERE status = 'missed';
CREATE INDEX exchanges_asked_back ON exchanges (id) WHERE template = 'did_you_mean';
-- How sure to be before answering, as staff pinned it; the newest counts. answer NULL is the usual confidence.
CREATE TABLE strictness_versions (
    id BIGINT PRIMARY KEY,
    answer DOUBLE PRECISION CHECK (answer BETWEEN 0 AND 1),
    note TEXT NOT NULL DEFAULT '',
    pinned_by TEXT NOT NULL,
    pinned_at BIGINT NOT NULL
);
