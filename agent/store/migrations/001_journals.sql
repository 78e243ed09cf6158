-- +goose Up
-- A row: the van journal's one live incarnation and how far it was pruned and receipted. Where it ends, entries tells.
CREATE TABLE journal (
  one          INTEGER PRIMARY KEY CHECK (one = 1),
  incarnation  BLOB NOT NULL,
  base_seq     INTEGER NOT NULL,
  base_digest  BLOB NOT NULL,
  acked_seq    INTEGER NOT NULL,
  acked_digest BLOB NOT NULL
) STRICT;

-- A row: an entry of the live incarnation, as it is sent, with the running digest after it.
CREATE TABLE entries (
  seq    INTEGER PRIMARY KEY,
  id     BLOB NOT NULL UNIQUE,
  kind   INTEGER NOT NULL,
  raw    BLOB NOT NULL,
  digest BLOB NOT NULL,
  held   INTEGER NOT NULL DEFAULT 0 -- the hub confirmed it in an earlier incarnation
) STRICT;
CREATE INDEX visits ON entries (seq) WHERE kind = 2;

-- A row: up to which entry receipts reached at a trusted time (ms), about one a day. Pruning goes by it.
CREATE TABLE receipts (
  at  INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL
) STRICT;

-- A row: a broadcast that has begun to be told of and not ended: its newest as-run record, CBOR.
CREATE TABLE unfinished (
  broadcast BLOB PRIMARY KEY,
  body      BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- A row: up to where an incarnation of the order journal is committed here.
CREATE TABLE hearings (
  incarnation BLOB PRIMARY KEY,
  seq         INTEGER NOT NULL,
  digest      BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- A row: the digest after one heard entry of an order journal.
CREATE TABLE heard (
  incarnation BLOB NOT NULL,
  seq         INTEGER NOT NULL,
  digest      BLOB NOT NULL,
  PRIMARY KEY (incarnation, seq)
) STRICT, WITHOUT ROWID;

-- A row: an order, once by its id. state: 0 to do, 1 done, 2 in quarantine for the reason.
CREATE TABLE orders (
  n      INTEGER PRIMARY KEY,
  id     BLOB NOT NULL UNIQUE,
  kind   INTEGER NOT NULL,
  raw    BLOB NOT NULL,
  state  INTEGER NOT NULL,
  reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX to_do ON orders (n) WHERE state <> 1;

-- A row: something to remember across boots, such as the last trusted time.
CREATE TABLE memory (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE memory; DROP TABLE orders; DROP TABLE heard; DROP TABLE hearings; DROP TABLE unfinished;
DROP TABLE receipts; DROP TABLE entries; DROP TABLE journal;
