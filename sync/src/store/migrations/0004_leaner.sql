-- A subject's grants stand together, where its next ones will be written: by key alone each went to another page, and a
-- batch of a thousand wrote as many.
CREATE TABLE subject_grant (
    subject TEXT NOT NULL,
    content_key BLOB NOT NULL,
    reader TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    enc BLOB NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (subject, content_key, reader, epoch, enc)
) WITHOUT ROWID;
INSERT INTO subject_grant SELECT subject, content_key, reader, epoch, enc, wrapped FROM content_grant;
DROP TABLE content_grant;
ALTER TABLE subject_grant RENAME TO content_grant;

-- The codes that dossiers go by or went by, for those who come with a code only. Filled again with the views.
CREATE TABLE dossier_code (
    code TEXT NOT NULL,
    subject TEXT NOT NULL,
    PRIMARY KEY (code, subject)
) WITHOUT ROWID;
