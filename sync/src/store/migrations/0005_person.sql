-- A person's dossiers are found by their tag, which stands beside them as a grant does.
CREATE INDEX grant_of_person ON content_grant (enc) WHERE reader = 'person';
