-- How what came in sounds: negative, neutral or positive (NULL where there are no words), a score from -1 to 1, and JSON of the words that say so.
ALTER TABLE exchanges ADD COLUMN sentiment TEXT;
ALTER TABLE exchanges ADD COLUMN sentiment_score DOUBLE PRECISION;
ALTER TABLE exchanges ADD COLUMN sentiment_evidence TEXT NOT NULL DEFAULT '';
-- Only what is negative costs anything: alerts and moods look for nothing else.
CREATE INDEX exchanges_negative ON exchanges (id) WHERE sentiment = 'negative';

-- What staff said a message sounds like; the newest word on a text counts, in every process, from then on.
CREATE TABLE sentiment_corrections (
    exchange_id BIGINT PRIMARY KEY,
    member_id BIGINT NOT NULL,
    text TEXT NOT NULL,
    label TEXT NOT NULL CHECK (label IN ('negative', 'neutral', 'positive')),
    instead_of TEXT NOT NULL,
    corrected_by TEXT NOT NULL,
    corrected_at BIGINT NOT NULL
);
CREATE INDEX sentiment_corrections_newest ON sentiment_corrections (corrected_at);

-- Times when many negative messages came at once. exchange_ids is JSON; a burst is open until somebody has seen it and it has gone quiet.
CREATE TABLE sentiment_bursts (
    id BIGINT PRIMARY KEY,
    exchange_ids TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    seen_by TEXT NOT NULL DEFAULT '',
    seen_at BIGINT
);
