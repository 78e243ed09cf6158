-- +goose Up
-- A row: something that somebody did, or was refused. body: all of it, canonical CBOR; the columns before it are what is searched.
-- hash: SHA-256 over the hash of the row before and body. Rows are added and never changed.
CREATE TABLE audit (
  seq     INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL, -- ms
  who     TEXT NOT NULL,
  verb    TEXT NOT NULL,
  kind    TEXT NOT NULL,
  object  TEXT NOT NULL,
  outcome TEXT NOT NULL,
  body    BLOB NOT NULL,
  hash    BLOB NOT NULL
) STRICT;
CREATE INDEX audit_at ON audit (at, seq);
CREATE INDEX audit_who ON audit (who, at, seq);
CREATE INDEX audit_verb ON audit (verb, at, seq);
CREATE INDEX audit_object ON audit (kind, object, at, seq);
CREATE INDEX audit_kind ON audit (kind, at, seq);
CREATE INDEX audit_outcome ON audit (outcome, at, seq);

-- +goose StatementBegin
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN
  SELECT raise(ABORT, 'the record of who did what is only added to');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_remains BEFORE DELETE ON audit BEGIN
  SELECT raise(ABORT, 'the record of who did what is only added to');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE audit;
