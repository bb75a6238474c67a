-- Blobs are files beside this database. Which of them are named stands in the events; here stands which the centre holds.
CREATE TABLE blob_sent (
    blob BLOB PRIMARY KEY,
    at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX event_attached ON event (row) WHERE kind = 'PaperAttached';
