-- By tag: the dossiers of a person (see sync/src/earlier.rs). Made of the grants of segments, and destroyed with them.
CREATE TABLE person_dossier (
    tag bytea NOT NULL,
    subject text NOT NULL,
    PRIMARY KEY (tag, subject)
);
-- For forgetting.
CREATE INDEX person_dossier_by_subject ON person_dossier (subject);
