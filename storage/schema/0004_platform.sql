-- What the platform last told of itself, by name (callback_addresses …): items is a JSON list of texts.
CREATE TABLE platform_lists (
    name TEXT PRIMARY KEY,
    items TEXT NOT NULL,
    fetched_at BIGINT NOT NULL,
    tried_at BIGINT NOT NULL
);
