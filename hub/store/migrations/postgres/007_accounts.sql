-- +goose Up
CREATE TABLE accounts (
  name     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  display  TEXT COLLATE "C" NOT NULL,
  roles    TEXT COLLATE "C" NOT NULL,
  whole    BIGINT NOT NULL,
  places   TEXT COLLATE "C" NOT NULL,
  disabled BIGINT NOT NULL,
  mail     TEXT COLLATE "C" NOT NULL,
  subject  TEXT COLLATE "C" NOT NULL,
  made     BIGINT NOT NULL,
  by       TEXT COLLATE "C" NOT NULL,
  version  BIGINT NOT NULL,
  seen     BIGINT NOT NULL,
  password TEXT COLLATE "C" NOT NULL,
  long     BIGINT NOT NULL,
  fresh    BIGINT NOT NULL,
  totp     BYTEA,
  step     BIGINT NOT NULL,
  handle   BYTEA NOT NULL UNIQUE
);
CREATE UNIQUE INDEX accounts_mail ON accounts (mail) WHERE mail <> '';
CREATE UNIQUE INDEX accounts_subject ON accounts (subject) WHERE subject <> '';

CREATE TABLE recovery_codes (
  account TEXT COLLATE "C" NOT NULL REFERENCES accounts (name),
  hash    BYTEA NOT NULL,
  PRIMARY KEY (account, hash)
);

CREATE TABLE passkeys (
  id         BYTEA NOT NULL PRIMARY KEY,
  account    TEXT COLLATE "C" NOT NULL REFERENCES accounts (name),
  name       TEXT COLLATE "C" NOT NULL,
  host       TEXT COLLATE "C" NOT NULL,
  credential BYTEA NOT NULL,
  made       BIGINT NOT NULL,
  used       BIGINT NOT NULL
);
CREATE INDEX passkeys_account ON passkeys (account);

CREATE TABLE sessions (
  key     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  id      TEXT COLLATE "C" NOT NULL UNIQUE,
  account TEXT COLLATE "C" NOT NULL REFERENCES accounts (name),
  begun   BIGINT NOT NULL,
  used    BIGINT NOT NULL,
  ends    BIGINT NOT NULL,
  place   TEXT COLLATE "C" NOT NULL,
  agent   TEXT COLLATE "C" NOT NULL,
  data    BYTEA NOT NULL
);
CREATE INDEX sessions_account ON sessions (account, used);
CREATE INDEX sessions_ends ON sessions (ends);

CREATE TABLE tokens (
  hash    BYTEA NOT NULL PRIMARY KEY,
  id      TEXT COLLATE "C" NOT NULL UNIQUE,
  account TEXT COLLATE "C" NOT NULL REFERENCES accounts (name),
  name    TEXT COLLATE "C" NOT NULL,
  roles   TEXT COLLATE "C" NOT NULL,
  whole   BIGINT NOT NULL,
  places  TEXT COLLATE "C" NOT NULL,
  made    BIGINT NOT NULL,
  ends    BIGINT NOT NULL,
  used    BIGINT NOT NULL
);
CREATE INDEX tokens_account ON tokens (account, made);

-- +goose Down
DROP TABLE tokens, sessions, passkeys, recovery_codes, accounts;
