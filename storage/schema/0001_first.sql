-- The first schema. Portable SQL: BIGINT times are milliseconds since 1970 (UTC), JSON is TEXT, truth is 0 or 1.
-- Every table that grows with the number of members carries member_id, the unit by which a distributed database can spread it.

CREATE TABLE members (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL DEFAULT '',
    phone TEXT NOT NULL DEFAULT '',
    city TEXT NOT NULL DEFAULT '',
    remark TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '[]',
    source TEXT NOT NULL DEFAULT '',
    subscribed INTEGER NOT NULL DEFAULT 0 CHECK (subscribed IN (0, 1)),
    subscribed_at BIGINT,
    unsubscribed_at BIGINT,
    follow_changed_at BIGINT,
    follows INTEGER NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);

CREATE TABLE identities (
    channel TEXT NOT NULL,
    account_id TEXT NOT NULL,
    external_id TEXT NOT NULL,
    member_id BIGINT NOT NULL REFERENCES members (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (channel, account_id, external_id)
);
CREATE INDEX identities_member ON identities (member_id);
CREATE INDEX identities_external ON identities (external_id);

-- One row a member: who owns the dialogue now, what is pending, and the budget of messages outside the reply.
CREATE TABLE conversations (
    member_id BIGINT PRIMARY KEY REFERENCES members (id),
    state TEXT NOT NULL DEFAULT 'bot' CHECK (state IN ('bot', 'waiting', 'agent')),
    agent_id BIGINT,
    lease_until BIGINT,
    handoff_reason TEXT NOT NULL DEFAULT '',
    waiting_since BIGINT,
    pending TEXT NOT NULL DEFAULT '',
    misses INTEGER NOT NULL DEFAULT 0,
    last_template TEXT NOT NULL DEFAULT '',
    last_inbound_at BIGINT,
    unread INTEGER NOT NULL DEFAULT 0,
    window_until BIGINT NOT NULL DEFAULT 0,
    window_left INTEGER NOT NULL DEFAULT 0,
    rate_started_at BIGINT NOT NULL DEFAULT 0,
    rate_count INTEGER NOT NULL DEFAULT 0,
    CHECK ((state = 'agent') = (agent_id IS NOT NULL))
);
CREATE INDEX conversations_open ON conversations (state, waiting_since) WHERE state <> 'bot';
CREATE INDEX conversations_recent ON conversations (last_inbound_at);

-- Everything said, by whom, why. message_key is set on what came in, and unique per member: that is what makes a turn happen once.
CREATE TABLE exchanges (
    id BIGINT PRIMARY KEY,
    member_id BIGINT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
    kind TEXT NOT NULL,
    text TEXT NOT NULL DEFAULT '',
    payload TEXT NOT NULL DEFAULT '',
    message_key TEXT,
    msg_id TEXT,
    in_reply_to BIGINT,
    author TEXT NOT NULL,
    intent TEXT,
    confidence DOUBLE PRECISION,
    template TEXT,
    template_version INTEGER,
    card TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX exchanges_key ON exchanges (member_id, message_key) WHERE message_key IS NOT NULL;
CREATE INDEX exchanges_timeline ON exchanges (member_id, id);

-- Signed by the platform but not understood: kept for people to look at.
CREATE TABLE quarantine (
    id BIGINT PRIMARY KEY,
    reason TEXT NOT NULL,
    account_id TEXT NOT NULL DEFAULT '',
    openid TEXT NOT NULL DEFAULT '',
    body TEXT NOT NULL,
    body_hash TEXT NOT NULL UNIQUE,
    times INTEGER NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL
);

CREATE TABLE handoffs (
    id BIGINT PRIMARY KEY,
    member_id BIGINT NOT NULL REFERENCES members (id),
    reason TEXT NOT NULL,
    requested_at BIGINT NOT NULL,
    taken_at BIGINT,
    agent_id BIGINT,
    ended_at BIGINT,
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX handoffs_member ON handoffs (member_id, id);

-- Suggestions, complaints and messages left for people; number is what the consumer is told.
CREATE TABLE cases (
    id BIGINT PRIMARY KEY,
    number TEXT NOT NULL UNIQUE,
    member_id BIGINT NOT NULL REFERENCES members (id),
    kind TEXT NOT NULL CHECK (kind IN ('suggestion', 'complaint', 'message')),
    text TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'done')),
    cause TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (member_id, cause)
);

CREATE TABLE stores (
    id BIGINT PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    city TEXT NOT NULL,
    district TEXT NOT NULL DEFAULT '',
    address TEXT NOT NULL,
    phone TEXT NOT NULL DEFAULT '',
    latitude DOUBLE PRECISION NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    longitude DOUBLE PRECISION NOT NULL CHECK (longitude BETWEEN -180 AND 180),
    hours TEXT NOT NULL,
    open INTEGER NOT NULL DEFAULT 1 CHECK (open IN (0, 1))
);
CREATE INDEX stores_place ON stores (latitude, longitude);
CREATE INDEX stores_city ON stores (city, district);

CREATE TABLE campaigns (
    id BIGINT PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    offer TEXT NOT NULL,
    terms TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT 'claim' CHECK (kind IN ('claim', 'welcome')),
    scene TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'running', 'paused', 'ended')),
    stock INTEGER NOT NULL CHECK (stock >= 0),
    issued INTEGER NOT NULL DEFAULT 0,
    per_member INTEGER NOT NULL DEFAULT 1 CHECK (per_member >= 1),
    valid_days INTEGER NOT NULL CHECK (valid_days >= 1),
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    CHECK (issued >= 0 AND issued <= stock),
    CHECK (starts_at < ends_at)
);

CREATE TABLE coupons (
    id BIGINT PRIMARY KEY,
    campaign_id BIGINT NOT NULL REFERENCES campaigns (id),
    member_id BIGINT NOT NULL REFERENCES members (id),
    nth INTEGER NOT NULL,
    code TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL DEFAULT 'issued' CHECK (state IN ('issued', 'used')),
    cause TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    used_order TEXT,
    used_amount_fen BIGINT,
    UNIQUE (campaign_id, member_id, nth),
    UNIQUE (member_id, cause, campaign_id)
);
CREATE INDEX coupons_member ON coupons (member_id, id);
-- One gift for following, ever.
CREATE UNIQUE INDEX coupons_welcome ON coupons (member_id) WHERE cause = 'welcome';

-- Append-only: a correction is a new row. The balance beside it is the sum, kept in the same transaction.
CREATE TABLE ledger (
    id BIGINT PRIMARY KEY,
    member_id BIGINT NOT NULL REFERENCES members (id),
    kind TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount <> 0),
    cause TEXT NOT NULL,
    balance_after INTEGER NOT NULL CHECK (balance_after >= 0),
    created_at BIGINT NOT NULL,
    UNIQUE (member_id, cause)
);
CREATE INDEX ledger_member ON ledger (member_id, id);

CREATE TABLE balances (
    member_id BIGINT PRIMARY KEY REFERENCES members (id),
    points INTEGER NOT NULL CHECK (points >= 0)
);

-- day is the brand's own calendar day, YYYY-MM-DD.
CREATE TABLE checkins (
    member_id BIGINT NOT NULL REFERENCES members (id),
    day TEXT NOT NULL,
    streak INTEGER NOT NULL CHECK (streak >= 1),
    points INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (member_id, day)
);

-- What is sent outside the reply. One row a message; a cause makes one message a member, however often it is seen. attempt fences off a worker that
-- woke too late; tries counts the failures that are the message's own; departed_at is set just before the request is written: from then on only the
-- platform's answer tells whether the member got it. One in flight a member is a rule of the data.
CREATE TABLE outbox (
    id BIGINT PRIMARY KEY,
    member_id BIGINT NOT NULL REFERENCES members (id),
    exchange_id BIGINT NOT NULL,
    openid TEXT NOT NULL,
    content TEXT NOT NULL,
    cause TEXT NOT NULL,
    author TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'sending', 'sent', 'failed', 'unknown', 'dead')),
    attempt INTEGER NOT NULL DEFAULT 0,
    tries INTEGER NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,
    lease_until BIGINT,
    departed_at BIGINT,
    outcome TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    UNIQUE (member_id, cause)
);
CREATE INDEX outbox_due ON outbox (state, due_at) WHERE state <> 'sent';
CREATE INDEX outbox_open ON outbox (member_id, id) WHERE state IN ('ready', 'sending');
CREATE UNIQUE INDEX outbox_in_flight ON outbox (member_id) WHERE state = 'sending';
CREATE INDEX outbox_member ON outbox (member_id, id);

-- The access token all processes share. Nobody starts a refresh before refresh_after: it is the lease of the one who refreshes, and the pause
-- after a failure, which failure names.
CREATE TABLE access_tokens (
    app_id TEXT PRIMARY KEY,
    token TEXT NOT NULL DEFAULT '',
    expires_at BIGINT NOT NULL DEFAULT 0,
    refresh_after BIGINT NOT NULL DEFAULT 0,
    failure TEXT NOT NULL DEFAULT ''
);

-- Published things (replies, scripted intents, stores) raise the revision; a turn that reads a new one loads them again.
CREATE TABLE revisions (
    id INTEGER PRIMARY KEY,
    revision BIGINT NOT NULL
);
INSERT INTO revisions (id, revision) VALUES (1, 1);

-- Versions never change; publishing moves the pointer. Version 0 is the file shipped with the release and has no row.
CREATE TABLE reply_versions (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version >= 1),
    source TEXT NOT NULL,
    author TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    UNIQUE (name, version)
);
CREATE TABLE replies (
    name TEXT PRIMARY KEY,
    published INTEGER NOT NULL,
    published_by TEXT NOT NULL,
    published_at BIGINT NOT NULL
);

-- An intent that is only phrases and a reply; its reply is the template of the same name.
CREATE TABLE scripted_intents (
    name TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    phrases TEXT NOT NULL,
    keywords TEXT NOT NULL DEFAULT '[]',
    enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    updated_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE users (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL DEFAULT '',
    role TEXT NOT NULL CHECK (role IN ('editor', 'agent', 'supervisor', 'admin')),
    password_hash TEXT NOT NULL DEFAULT '',
    enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    created_at BIGINT NOT NULL
);
CREATE TABLE setup_links (
    token_hash TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id),
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id),
    csrf TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    authenticated_at BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
-- One row a wrong try and subject: the network it came from, and a hash of the name that was tried (which need not exist).
CREATE TABLE login_failures (
    id BIGINT PRIMARY KEY,
    subject TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX login_failures_subject ON login_failures (subject, created_at);
CREATE TABLE api_tokens (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    token_hash TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE TABLE audit (
    id BIGINT PRIMARY KEY,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);

-- What live pages follow: a row for each thing an open page may want to show, oldest forgotten after a day.
CREATE TABLE changes (
    id BIGINT PRIMARY KEY,
    topic TEXT NOT NULL,
    member_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- What the stand-in for the platform delivered to pretended phones.
CREATE TABLE simulated_deliveries (
    id BIGINT PRIMARY KEY,
    openid TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('up', 'down')),
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX simulated_deliveries_phone ON simulated_deliveries (openid, id);
