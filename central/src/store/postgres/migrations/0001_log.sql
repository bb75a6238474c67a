-- The log over several nodes. Every primary key leads with the column by which a cluster would distribute the table;
-- tables that say "everywhere" are small and the same on every shard (reference tables). See docs/scaling.md.

-- Everywhere: names and values that all nodes share.
CREATE TABLE meta (
    name text PRIMARY KEY,
    value bytea NOT NULL
);

-- Everywhere: private keys, sealed with the nodes' key file.
CREATE TABLE secret (
    name text PRIMARY KEY,
    wrapped bytea NOT NULL
);

-- Everywhere: cards signed by the centre. `roster` numbers additions, each under the lock of the row in `roster`.
CREATE TABLE roster (
    one integer PRIMARY KEY,
    last bigint NOT NULL
);
INSERT INTO roster VALUES (1, 0);

CREATE TABLE station (
    id uuid PRIMARY KEY,
    card bytea NOT NULL,
    roster bigint NOT NULL
);

CREATE TABLE reader_group (
    name text NOT NULL,
    epoch integer NOT NULL,
    card bytea NOT NULL,
    private bytea NOT NULL,
    roster bigint NOT NULL,
    PRIMARY KEY (name, epoch)
);

-- Everywhere: one-time tokens, by their hashes.
CREATE TABLE invitation (
    token bytea PRIMARY KEY,
    invitation bytea NOT NULL,
    used bytea
);

-- Everywhere: subjects whose grants were destroyed.
CREATE TABLE forgotten (
    subject text PRIMARY KEY
);

-- By scope: how far each stream is held, and the receipt for it. Whoever adds to a stream holds its row.
CREATE TABLE stream (
    scope text NOT NULL,
    station uuid NOT NULL,
    incarnation uuid NOT NULL,
    head bigint NOT NULL,
    hash bytea NOT NULL,
    receipt bytea,
    -- Events whose row is from here and whose home is this scope, so that counting all is adding up a few rows.
    firsts bigint NOT NULL,
    PRIMARY KEY (scope, station, incarnation)
);

-- By scope: segments as they came, with the grants of their events.
CREATE TABLE segment (
    scope text NOT NULL,
    station uuid NOT NULL,
    incarnation uuid NOT NULL,
    last bigint NOT NULL,
    first bigint NOT NULL,
    bytes bytea NOT NULL,
    grants bytea NOT NULL,
    PRIMARY KEY (scope, station, incarnation, last, first)
);
-- What is compressed and sealed already is not tried again.
ALTER TABLE segment ALTER COLUMN bytes SET STORAGE EXTERNAL;
ALTER TABLE segment ALTER COLUMN grants SET STORAGE EXTERNAL;

-- By scope: where every event stands, once a scope, at its first place there. Its bytes are in the segment.
CREATE TABLE event (
    scope text NOT NULL,
    id uuid NOT NULL,
    station uuid NOT NULL,
    incarnation uuid NOT NULL,
    no bigint NOT NULL,
    subject text NOT NULL,
    kind text NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (scope, id)
);
-- For a look-up by code and for forgetting a person, wherever they were.
CREATE INDEX event_by_subject ON event (subject);

-- By code: which dossier goes by it.
CREATE TABLE dossier_code (
    code text NOT NULL PRIMARY KEY,
    subject text NOT NULL
);

-- By agency: the next number of an agency's day. Whoever leases holds the row.
CREATE TABLE lease_day (
    agency text NOT NULL,
    day text NOT NULL,
    next bigint NOT NULL,
    PRIMARY KEY (agency, day)
);

CREATE TABLE lease (
    agency text NOT NULL,
    request uuid NOT NULL,
    day text NOT NULL,
    holder uuid NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (agency, request)
);

CREATE TABLE checkpoint (
    scope text NOT NULL,
    station uuid NOT NULL,
    incarnation uuid NOT NULL,
    no bigint NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (scope, station, incarnation, no)
);

CREATE TABLE quarantine (
    digest bytea PRIMARY KEY,
    at bigint NOT NULL,
    refusal bytea NOT NULL,
    bytes bytea NOT NULL
);

-- Receipts have one running number over all nodes; a number may be left out.
CREATE SEQUENCE receipt_no;
