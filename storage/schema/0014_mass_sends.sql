-- One message to many: prepared, looked at on one phone, sent once, and what the platform reported of it. content and result are JSON.
CREATE TABLE mass_sends (
    id BIGINT PRIMARY KEY,
    client_msg_id TEXT NOT NULL UNIQUE,
    content TEXT NOT NULL,
    tag_id BIGINT,
    tag_name TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'sending', 'accepted', 'refused', 'unknown', 'done', 'failed')),
    outcome TEXT NOT NULL DEFAULT '',
    platform_msg_id TEXT NOT NULL DEFAULT '',
    result TEXT NOT NULL DEFAULT '',
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    sent_by TEXT NOT NULL DEFAULT '',
    sent_at BIGINT,
    finished_at BIGINT
);
CREATE INDEX mass_sends_sent ON mass_sends (sent_at);
CREATE INDEX mass_sends_platform ON mass_sends (platform_msg_id);
