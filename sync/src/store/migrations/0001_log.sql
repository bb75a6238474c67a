-- The log, format version 1. Ids are 16-byte blobs; hashes 32; times are milliseconds; hlc is the 64-bit clock, bit for bit.
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

-- Private keys, wrapped by the station key, which is in another file.
CREATE TABLE secret (
    name TEXT PRIMARY KEY,
    wrapped BLOB NOT NULL
) WITHOUT ROWID;

-- Cards signed by the centre. `roster` numbers additions, so that only what is new travels.
CREATE TABLE station (
    id BLOB PRIMARY KEY,
    card BLOB NOT NULL,
    roster INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE reader_group (
    name TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    card BLOB NOT NULL,
    private BLOB,
    roster INTEGER NOT NULL,
    PRIMARY KEY (name, epoch)
) WITHOUT ROWID;

CREATE TABLE event (
    row INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    subject TEXT NOT NULL,
    kind TEXT NOT NULL,
    hlc INTEGER NOT NULL,
    content_key BLOB,
    carried INTEGER NOT NULL,
    bytes BLOB NOT NULL
);
CREATE INDEX event_by_subject ON event (subject);

CREATE TABLE stream (
    row INTEGER PRIMARY KEY,
    station BLOB NOT NULL,
    incarnation BLOB NOT NULL,
    scope TEXT NOT NULL,
    head INTEGER NOT NULL,
    hash BLOB NOT NULL,
    -- What the centre's receipts cover; of our own streams only.
    receipted INTEGER NOT NULL DEFAULT 0,
    UNIQUE (scope, station, incarnation)
);

CREATE TABLE place (
    stream INTEGER NOT NULL REFERENCES stream (row),
    no INTEGER NOT NULL,
    event INTEGER NOT NULL REFERENCES event (row),
    hash BLOB NOT NULL,
    PRIMARY KEY (stream, no)
) WITHOUT ROWID;
CREATE INDEX place_by_event ON place (event);

CREATE TABLE segment (
    row INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL REFERENCES stream (row),
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (stream, last, first)
);

CREATE TABLE content_grant (
    content_key BLOB NOT NULL,
    reader TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    enc BLOB NOT NULL,
    wrapped BLOB NOT NULL,
    subject TEXT NOT NULL,
    PRIMARY KEY (content_key, reader, epoch, enc)
) WITHOUT ROWID;
CREATE INDEX content_grant_by_subject ON content_grant (subject);

-- Subjects whose grants were destroyed: grants that arrive later are not kept.
CREATE TABLE forgotten (
    subject TEXT PRIMARY KEY
) WITHOUT ROWID;

CREATE TABLE view (
    view TEXT NOT NULL,
    id TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (view, id)
) WITHOUT ROWID;

-- What is owed to the world. state: 0 owed, 1 started, 2 done (the body is gone).
CREATE TABLE effect (
    row INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    state INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX effect_owed ON effect (row) WHERE state < 2;

-- The last receipt of each stream, given or got.
CREATE TABLE receipt (
    stream INTEGER PRIMARY KEY REFERENCES stream (row),
    no INTEGER NOT NULL,
    bytes BLOB NOT NULL
);

CREATE TABLE checkpoint (
    stream INTEGER NOT NULL REFERENCES stream (row),
    no INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (stream, no)
) WITHOUT ROWID;

CREATE TABLE quarantine (
    row INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    refusal BLOB NOT NULL,
    bytes BLOB NOT NULL
);

-- One-time invitations that the centre gave; `token` is the token's hash.
CREATE TABLE invitation (
    token BLOB PRIMARY KEY,
    invitation BLOB NOT NULL,
    used BLOB
) WITHOUT ROWID;
