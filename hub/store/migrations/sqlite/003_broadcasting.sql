-- +goose Up
-- library, selftest: the newest of each that the van told, CBOR.
ALTER TABLE vans ADD COLUMN library BLOB;
ALTER TABLE vans ADD COLUMN selftest BLOB;

-- asked: place in the order of when it was asked for, 2^20 to a millisecond; NULL until the record was looked at. What the van's clock
-- said of its first record stays beside it, so that a time learnt later can mend it.
ALTER TABLE broadcasts ADD COLUMN asked INTEGER;
ALTER TABLE broadcasts ADD COLUMN class INTEGER NOT NULL DEFAULT 0;
ALTER TABLE broadcasts ADD COLUMN state INTEGER NOT NULL DEFAULT 0;
ALTER TABLE broadcasts ADD COLUMN asked_boot BLOB; -- NULL: its time is trusted
ALTER TABLE broadcasts ADD COLUMN asked_mono INTEGER NOT NULL DEFAULT 0; -- ms in that boot
CREATE INDEX broadcasts_asked ON broadcasts (asked, van, class, state);
CREATE INDEX broadcasts_van ON broadcasts (van, asked, class, state);
CREATE INDEX broadcasts_state ON broadcasts (state, asked, van, class);
CREATE INDEX broadcasts_doubtful ON broadcasts (van, asked_boot) WHERE asked_boot IS NOT NULL;

-- The newest order of a kind is asked for whenever a standing order may be due.
CREATE INDEX orders_kind ON orders (van, kind, position);

-- A row: one edition of an announcement, CBOR of a manifest that holds it alone. It never changes.
CREATE TABLE editions (
  id      TEXT NOT NULL,
  version INTEGER NOT NULL,
  by      TEXT NOT NULL,
  made    INTEGER NOT NULL, -- ms
  body    BLOB NOT NULL,
  PRIMARY KEY (id, version)
) STRICT, WITHOUT ROWID;

-- A row: an announcement that is in no library any more.
CREATE TABLE withdrawn (
  id TEXT PRIMARY KEY,
  by TEXT NOT NULL,
  at INTEGER NOT NULL -- ms
) STRICT, WITHOUT ROWID;

-- A row: a language that an announcement should have, in the order of playing.
CREATE TABLE languages (
  place    INTEGER PRIMARY KEY,
  language TEXT NOT NULL UNIQUE
) STRICT;

-- A row: a version of the library, as vans fetch it. Only the newest few are kept.
CREATE TABLE libraries (
  version  INTEGER PRIMARY KEY,
  hash     BLOB NOT NULL,
  manifest BLOB NOT NULL,
  by       TEXT NOT NULL,
  made     INTEGER NOT NULL -- ms
) STRICT;

-- A row: an item of the plan, CBOR of a plan that holds it alone.
CREATE TABLE plan_items (
  id     BLOB PRIMARY KEY,
  paused INTEGER NOT NULL,
  by     TEXT NOT NULL,
  made   INTEGER NOT NULL, -- ms
  body   BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- A row: a van that an item is for. An item without any is for all.
CREATE TABLE plan_vans (
  item BLOB NOT NULL REFERENCES plan_items (id) ON DELETE CASCADE,
  van  TEXT NOT NULL,
  PRIMARY KEY (item, van)
) STRICT, WITHOUT ROWID;

-- A row: when a van's plan last changed, counted in changes; van '': that of all vans.
CREATE TABLE plan_versions (
  van     TEXT PRIMARY KEY,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A row: a van's own settings, CBOR; NULL: it has none any more. van '': what holds for all.
CREATE TABLE settings (
  van     TEXT PRIMARY KEY,
  version INTEGER NOT NULL, -- counted over all
  body    BLOB
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE settings; DROP TABLE plan_versions; DROP TABLE plan_vans; DROP TABLE plan_items; DROP TABLE libraries; DROP TABLE languages;
DROP TABLE withdrawn; DROP TABLE editions;
DROP INDEX orders_kind; DROP INDEX broadcasts_doubtful; DROP INDEX broadcasts_state; DROP INDEX broadcasts_van; DROP INDEX broadcasts_asked;
ALTER TABLE broadcasts DROP COLUMN asked_mono;
ALTER TABLE broadcasts DROP COLUMN asked_boot;
ALTER TABLE broadcasts DROP COLUMN state;
ALTER TABLE broadcasts DROP COLUMN class;
ALTER TABLE broadcasts DROP COLUMN asked;
ALTER TABLE vans DROP COLUMN selftest;
ALTER TABLE vans DROP COLUMN library;
