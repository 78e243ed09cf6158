-- +goose Up
-- A row is a person who may use the console, and what proves that it is they. roles: words, a space between two. places: JSON.
-- password: argon2id, a PHC string; empty: none. totp: the secret of codes; step: the last that was used up.
CREATE TABLE accounts (
	name     TEXT NOT NULL PRIMARY KEY,
	display  TEXT NOT NULL,
	roles    TEXT NOT NULL,
	whole    INTEGER NOT NULL,
	places   TEXT NOT NULL,
	disabled INTEGER NOT NULL,
	mail     TEXT NOT NULL,
	subject  TEXT NOT NULL,
	made     INTEGER NOT NULL,
	by       TEXT NOT NULL,
	version  INTEGER NOT NULL,
	seen     INTEGER NOT NULL,
	password TEXT NOT NULL,
	long     INTEGER NOT NULL,
	fresh    INTEGER NOT NULL,
	totp     BLOB,
	step     INTEGER NOT NULL,
	handle   BLOB NOT NULL UNIQUE
) STRICT;
CREATE UNIQUE INDEX accounts_mail ON accounts (mail) WHERE mail <> '';
CREATE UNIQUE INDEX accounts_subject ON accounts (subject) WHERE subject <> '';

-- A row is a recovery code that was not used, by its hash.
CREATE TABLE recovery_codes (
	account TEXT NOT NULL REFERENCES accounts (name),
	hash    BLOB NOT NULL,
	PRIMARY KEY (account, hash)
) STRICT;

-- A row is a key with which a person signs in. credential: JSON of its library.
CREATE TABLE passkeys (
	id         BLOB NOT NULL PRIMARY KEY,
	account    TEXT NOT NULL REFERENCES accounts (name),
	name       TEXT NOT NULL,
	host       TEXT NOT NULL,
	credential BLOB NOT NULL,
	made       INTEGER NOT NULL,
	used       INTEGER NOT NULL
) STRICT;
CREATE INDEX passkeys_account ON passkeys (account);

-- A row is a browser in which somebody has signed in. key: a hash of what the browser holds. id: its name among people.
CREATE TABLE sessions (
	key     TEXT NOT NULL PRIMARY KEY,
	id      TEXT NOT NULL UNIQUE,
	account TEXT NOT NULL REFERENCES accounts (name),
	begun   INTEGER NOT NULL,
	used    INTEGER NOT NULL,
	ends    INTEGER NOT NULL,
	place   TEXT NOT NULL,
	agent   TEXT NOT NULL,
	data    BLOB NOT NULL
) STRICT;
CREATE INDEX sessions_account ON sessions (account, used);
CREATE INDEX sessions_ends ON sessions (ends);

-- A row is a token of the API, by the hash of what a program shows.
CREATE TABLE tokens (
	hash    BLOB NOT NULL PRIMARY KEY,
	id      TEXT NOT NULL UNIQUE,
	account TEXT NOT NULL REFERENCES accounts (name),
	name    TEXT NOT NULL,
	roles   TEXT NOT NULL,
	whole   INTEGER NOT NULL,
	places  TEXT NOT NULL,
	made    INTEGER NOT NULL,
	ends    INTEGER NOT NULL,
	used    INTEGER NOT NULL
) STRICT;
CREATE INDEX tokens_account ON tokens (account, made);

-- +goose Down
DROP TABLE tokens;
DROP TABLE sessions;
DROP TABLE passkeys;
DROP TABLE recovery_codes;
DROP TABLE accounts;
