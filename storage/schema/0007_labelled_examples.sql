-- What a message of a consumer meant, by a tap of theirs or by staff: confirmed ones are learned like sample phrases. intent NULL is "none of ours".
-- offered is JSON of the intents that were offered. member_id and exchange_id are NULL for what staff wrote of themselves.
CREATE TABLE labelled_examples (
    id BIGINT PRIMARY KEY,
    member_id BIGINT,
    exchange_id BIGINT,
    text TEXT NOT NULL,
    intent TEXT,
    source TEXT NOT NULL CHECK (source IN ('tap', 'staff', 'missed')),
    offered TEXT NOT NULL DEFAULT '[]',
    status TEXT NOT NULL DEFAULT 'proposed' CHECK (status IN ('proposed', 'confirmed', 'refused')),
    decided_by TEXT NOT NULL DEFAULT '',
    decided_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (member_id, exchange_id)
);
CREATE INDEX labelled_examples_status ON labelled_examples (status, text);
