-- The menu under the chat: versions never change. What is live is the platform's to say; menu_published notes what we last made it show
-- (version 0: we took the menu away).
CREATE TABLE menu_versions (
    version INTEGER PRIMARY KEY CHECK (version >= 1),
    menu TEXT NOT NULL,
    author TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE TABLE menu_published (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    published_by TEXT NOT NULL,
    published_at BIGINT NOT NULL
);

-- A QR code for one spot: a table, a flyer, a bag. url is what the picture says; a code without an end is permanent.
CREATE TABLE qr_spots (
    id BIGINT PRIMARY KEY,
    scene TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    caption TEXT NOT NULL DEFAULT '',
    store_code TEXT NOT NULL DEFAULT '',
    campaign_code TEXT NOT NULL DEFAULT '',
    ticket TEXT NOT NULL,
    url TEXT NOT NULL,
    expires_at BIGINT,
    made_by TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Who came through which code, and when; written in the turn of the scan or follow, so each counts once.
CREATE TABLE scene_visits (
    id BIGINT PRIMARY KEY,
    member_id BIGINT NOT NULL REFERENCES members (id),
    scene TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('scan', 'follow')),
    created_at BIGINT NOT NULL
);
CREATE INDEX scene_visits_scene ON scene_visits (scene, kind, created_at);
CREATE INDEX scene_visits_member ON scene_visits (member_id, id);
