-- +goose Up
-- A row: a van that has been heard of. health: its newest health record, CBOR.
CREATE TABLE vans (
  n         INTEGER PRIMARY KEY,
  id        TEXT NOT NULL UNIQUE,
  last_seen INTEGER NOT NULL DEFAULT 0, -- ms
  backlog   INTEGER NOT NULL DEFAULT 0,
  entries   INTEGER NOT NULL DEFAULT 0,
  health    BLOB
) STRICT;

-- A row: one life of a van's journal and up to where it is committed here.
CREATE TABLE incarnations (
  n           INTEGER PRIMARY KEY,
  van         INTEGER NOT NULL REFERENCES vans (n),
  incarnation BLOB NOT NULL UNIQUE,
  seq         INTEGER NOT NULL,
  digest      BLOB NOT NULL
) STRICT;
CREATE INDEX incarnations_van ON incarnations (van);

-- A row: an entry of a van journal as it came, with the running digest after it.
CREATE TABLE entries (
  incarnation INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  digest      BLOB NOT NULL,
  raw         BLOB NOT NULL,
  PRIMARY KEY (incarnation, seq)
) STRICT, WITHOUT ROWID;

-- A row: a visit, once by its id, in the order of the hub's commits; its entry says the rest.
CREATE TABLE visits (
  position    INTEGER PRIMARY KEY,
  id          BLOB NOT NULL UNIQUE,
  incarnation INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  received    INTEGER NOT NULL -- ms
) STRICT;

-- A row: an entry other than a visit that was applied, so that it is not again when it comes in another incarnation.
CREATE TABLE applied (
  id BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- A row: a broadcast and its newest as-run record, CBOR. position moves with each record.
CREATE TABLE broadcasts (
  id       BLOB PRIMARY KEY,
  position INTEGER NOT NULL UNIQUE,
  van      INTEGER NOT NULL REFERENCES vans (n),
  wall     INTEGER NOT NULL,
  boot     BLOB NOT NULL,
  mono     INTEGER NOT NULL,
  trusted  INTEGER NOT NULL,
  received INTEGER NOT NULL,
  body     BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- A row: what a boot of a van should have shown at monotonic time 0 (ms): a trusted time was learnt in it.
CREATE TABLE clocks (
  van  INTEGER NOT NULL,
  boot BLOB NOT NULL,
  zero INTEGER NOT NULL,
  PRIMARY KEY (van, boot)
) STRICT, WITHOUT ROWID;

-- A row: an entry that could not be understood, and why. It is receipted; a later release tries again.
CREATE TABLE quarantine (
  incarnation INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  reason      TEXT NOT NULL,
  at          INTEGER NOT NULL,
  PRIMARY KEY (incarnation, seq)
) STRICT, WITHOUT ROWID;

-- A row: a run of entries that a van lost before they came here.
CREATE TABLE gaps (
  incarnation INTEGER NOT NULL,
  first       INTEGER NOT NULL,
  last        INTEGER NOT NULL,
  at          INTEGER NOT NULL,
  PRIMARY KEY (incarnation, first)
) STRICT, WITHOUT ROWID;

-- A row: a place where a van showed another history than the one committed here.
CREATE TABLE forks (
  incarnation INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  theirs      BLOB NOT NULL,
  at          INTEGER NOT NULL,
  PRIMARY KEY (incarnation, seq, theirs)
) STRICT, WITHOUT ROWID;

-- A row: a van's order journal and how far its van has receipted it.
CREATE TABLE order_journals (
  van          TEXT PRIMARY KEY,
  incarnation  BLOB NOT NULL,
  acked_seq    INTEGER NOT NULL,
  acked_digest BLOB NOT NULL,
  last_seq     INTEGER NOT NULL,
  last_digest  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- A row: an entry of an order journal as it is sent.
CREATE TABLE order_entries (
  van    TEXT NOT NULL,
  seq    INTEGER NOT NULL,
  id     BLOB NOT NULL,
  digest BLOB NOT NULL,
  raw    BLOB NOT NULL,
  PRIMARY KEY (van, seq)
) STRICT, WITHOUT ROWID;

-- A row: an order and what the van told of it. seq: its place in the van's order journal now.
CREATE TABLE orders (
  position INTEGER PRIMARY KEY,
  id       BLOB NOT NULL UNIQUE,
  van      TEXT NOT NULL,
  seq      INTEGER NOT NULL,
  kind     INTEGER NOT NULL,
  body     BLOB NOT NULL,
  made     INTEGER NOT NULL,
  state    INTEGER NOT NULL DEFAULT 0,
  why      TEXT NOT NULL DEFAULT '',
  latency  INTEGER NOT NULL DEFAULT 0 -- ms
) STRICT;

-- +goose Down
DROP TABLE orders; DROP TABLE order_entries; DROP TABLE order_journals; DROP TABLE forks; DROP TABLE gaps; DROP TABLE quarantine;
DROP TABLE clocks; DROP TABLE broadcasts; DROP TABLE applied; DROP TABLE visits; DROP TABLE entries; DROP TABLE incarnations; DROP TABLE vans;
