-- What is sent outside the reply, further: messages that wait for the member's next contact, notices, late replies, reply windows as data.

-- A message that may wait (wait_until) and meets a closed reply window is parked: due again at the end of the wait, or as soon as the member opens
-- a window. dropped_at: a person decided that it stays as it ended.
ALTER TABLE outbox ADD COLUMN wait_until BIGINT;
ALTER TABLE outbox ADD COLUMN parked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN dropped_at BIGINT;
CREATE INDEX outbox_undecided ON outbox (id) WHERE state IN ('failed', 'unknown', 'dead') AND dropped_at IS NULL;

-- Set once it has been settled whether a notice of the coupon's end goes out.
ALTER TABLE coupons ADD COLUMN noticed_at BIGINT;
CREATE INDEX coupons_unnoticed ON coupons (expires_at) WHERE state = 'issued' AND noticed_at IS NULL;

-- Answers that take longer than a turn may: what was asked for, by which message, and who works on it by a lease. attempt fences off a process that
-- woke too late. asked is emptied once the answer is given.
CREATE TABLE late_replies (
    member_id BIGINT NOT NULL REFERENCES members (id),
    exchange_id BIGINT NOT NULL,
    cause TEXT NOT NULL,
    intent TEXT NOT NULL,
    work TEXT NOT NULL,
    asked TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'working' CHECK (state IN ('working', 'replied', 'posted', 'held', 'lost')),
    attempt INTEGER NOT NULL DEFAULT 1,
    lease_until BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (member_id, exchange_id)
);
CREATE INDEX late_replies_open ON late_replies (lease_until) WHERE state = 'working';

-- How many messages outside the reply a member's act allows and for how long, from a day on (YYYY-MM-DD, in China); staff's figures stand over the
-- shipped ones.
CREATE TABLE window_figures (
    opened_by TEXT NOT NULL CHECK (opened_by IN ('message', 'menu', 'follow', 'scan')),
    since TEXT NOT NULL,
    messages INTEGER NOT NULL CHECK (messages >= 0),
    lasts_seconds INTEGER NOT NULL CHECK (lasts_seconds >= 1),
    source TEXT NOT NULL DEFAULT '',
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (opened_by, since)
);
