-- The centre's receipts that this station got, for as long as somebody may ask which receipt covers a record.
CREATE TABLE receipt_got (
    stream INTEGER NOT NULL REFERENCES stream (row),
    no INTEGER NOT NULL,
    receipt_no INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (stream, no)
) WITHOUT ROWID;
CREATE INDEX receipt_got_by_time ON receipt_got (at);
