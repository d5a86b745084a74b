-- One run of reading all followers from the platform. page_cursor is the next_openid of the page in work, lease_until whoever works on it; a run that
-- was cut off goes on from its page.
CREATE TABLE follower_syncs (
    id BIGINT PRIMARY KEY,
    account_id TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done')),
    page_cursor TEXT NOT NULL DEFAULT '',
    total INTEGER NOT NULL DEFAULT 0,
    added INTEGER NOT NULL DEFAULT 0,
    followed INTEGER NOT NULL DEFAULT 0,
    unfollowed INTEGER NOT NULL DEFAULT 0,
    failure TEXT NOT NULL DEFAULT '',
    started_by TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    finished_at BIGINT,
    lease_until BIGINT NOT NULL
);
-- The run in which a member was last met among the followers: who is not met in a whole run no longer follows.
CREATE TABLE follower_marks (
    member_id BIGINT PRIMARY KEY REFERENCES members (id),
    sync_id BIGINT NOT NULL
);
CREATE INDEX follower_marks_sync ON follower_marks (sync_id);

-- The platform's tags as last read, by its own number; members carry the names.
CREATE TABLE platform_tags (
    tag_id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    people INTEGER NOT NULL DEFAULT 0,
    read_at BIGINT NOT NULL
);

-- What a member allowed us to send once: a subscription notice, or (with a scene) a one-time subscription message. One row a consent; spent_for is the
-- cause of the outbox row that used it, written in the transaction that made that row.
CREATE TABLE permits (
    id BIGINT PRIMARY KEY,
    member_id BIGINT NOT NULL REFERENCES members (id),
    kind TEXT NOT NULL CHECK (kind IN ('notice', 'once')),
    template_id TEXT NOT NULL,
    scene TEXT NOT NULL DEFAULT '',
    cause TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'spent', 'withdrawn')),
    granted_at BIGINT NOT NULL,
    spent_for TEXT NOT NULL DEFAULT '',
    ended_at BIGINT,
    UNIQUE (member_id, cause)
);
CREATE INDEX permits_open ON permits (member_id, template_id, id) WHERE state = 'open';
CREATE INDEX permits_template ON permits (template_id, state);

-- Which message of the outbox went out as which template, and what the platform later said came of it.
CREATE TABLE notices (
    member_id BIGINT NOT NULL REFERENCES members (id),
    exchange_id BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('template', 'notice', 'once')),
    template_id TEXT NOT NULL,
    msg_id TEXT NOT NULL DEFAULT '',
    report TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    reported_at BIGINT,
    PRIMARY KEY (member_id, exchange_id)
);
CREATE INDEX notices_message ON notices (member_id, msg_id);
CREATE INDEX notices_recent ON notices (created_at);

-- The platform's list of templates as last read.
CREATE TABLE message_templates (
    template_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('template', 'notice')),
    title TEXT NOT NULL,
    content TEXT NOT NULL DEFAULT '',
    example TEXT NOT NULL DEFAULT '',
    read_at BIGINT NOT NULL
);
