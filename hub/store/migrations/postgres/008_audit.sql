-- +goose Up
CREATE TABLE audit (
  seq     BIGINT PRIMARY KEY,
  at      BIGINT NOT NULL,
  who     TEXT COLLATE "C" NOT NULL,
  verb    TEXT COLLATE "C" NOT NULL,
  kind    TEXT COLLATE "C" NOT NULL,
  object  TEXT COLLATE "C" NOT NULL,
  outcome TEXT COLLATE "C" NOT NULL,
  body    BYTEA NOT NULL,
  hash    BYTEA NOT NULL
);
CREATE INDEX audit_at ON audit (at, seq);
CREATE INDEX audit_who ON audit (who, at, seq);
CREATE INDEX audit_verb ON audit (verb, at, seq);
CREATE INDEX audit_object ON audit (kind, object, at, seq);
CREATE INDEX audit_kind ON audit (kind, at, seq);
CREATE INDEX audit_outcome ON audit (outcome, at, seq);

-- +goose StatementBegin
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the record of who did what is only added to';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

-- +goose Down
DROP TABLE audit;
DROP FUNCTION audit_stays;
