-- +goose Up
DROP INDEX visits; -- the table of this name takes its place

-- A row: up to which entry of which incarnation the tables below tell what the journal says.
CREATE TABLE viewed (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  incarnation BLOB NOT NULL,
  seq         INTEGER NOT NULL
) STRICT;

-- A row: a visit as it is now. It is made of entries and outlives them: what the hub has goes after a year, or when there are 50,000.
CREATE TABLE visits (
  n         INTEGER PRIMARY KEY,
  id        BLOB NOT NULL UNIQUE,       -- that of its first entry
  first     INTEGER NOT NULL,           -- where that stands in the live incarnation; 0: nowhere
  seq       INTEGER NOT NULL,           -- where the newest entry about it stands
  held      INTEGER NOT NULL,           -- the hub confirmed all of them in an earlier incarnation
  made      INTEGER NOT NULL,           -- ms, by the corrected clock
  boot      BLOB,                       -- of an entry whose clock was not trusted
  zero      INTEGER,                    -- and what that clock showed when the boot began, ms
  step      INTEGER,                    -- by how much it was behind, ms; NULL: not known
  phone     BLOB,
  member    BLOB,
  household BLOB,                       -- as it is now
  last      BLOB NOT NULL,              -- id of the newest entry about it
  amended   INTEGER NOT NULL DEFAULT 0,
  withdrawn TEXT,                       -- why; NULL: it was not
  state     INTEGER NOT NULL DEFAULT 0, -- ark.ReviewState of last
  comment   TEXT NOT NULL DEFAULT '',
  reviewer  TEXT NOT NULL DEFAULT '',
  reviewed  INTEGER NOT NULL DEFAULT 0,
  raw       BLOB NOT NULL,              -- its first entry
  now       BLOB                        -- the entry of its newest amendment
) STRICT;
CREATE INDEX visits_made ON visits (made, phone, member);
CREATE INDEX visits_household ON visits (household, made) WHERE household IS NOT NULL;
CREATE INDEX visits_returned ON visits (made) WHERE state = 2;
CREATE INDEX visits_boot ON visits (boot) WHERE boot IS NOT NULL;

-- A row: an entry that amends or withdraws a visit.
CREATE TABLE editions (
  n     INTEGER PRIMARY KEY,
  id    BLOB NOT NULL UNIQUE,
  visit BLOB NOT NULL,
  seq   INTEGER NOT NULL,
  held  INTEGER NOT NULL,
  raw   BLOB NOT NULL
) STRICT;
CREATE INDEX editions_visit ON editions (visit);

-- A row: what a boot's clock should have shown when it began, ms.
CREATE TABLE clocks (
  n    INTEGER PRIMARY KEY,
  boot BLOB NOT NULL UNIQUE,
  zero INTEGER NOT NULL
) STRICT;

-- A row: a household of the van's area as the hub last told of it.
CREATE TABLE households (
  n    INTEGER PRIMARY KEY,
  id   BLOB NOT NULL UNIQUE,
  told INTEGER NOT NULL, -- by which order (orders.n): an older one that was in quarantine changes nothing
  body BLOB              -- ark.Households of one; NULL: to be forgotten, whatever an order in quarantine says
) STRICT;

-- A row: an edit of a household that was made on this van.
CREATE TABLE edits (
  n         INTEGER PRIMARY KEY,
  id        BLOB NOT NULL UNIQUE, -- of its entry
  household BLOB NOT NULL,
  body      BLOB                  -- ark.HouseholdEdit; NULL: the hub has settled it, the id is kept to know it again
) STRICT;
CREATE INDEX edits_open ON edits (household, n) WHERE body IS NOT NULL;

-- A row: the newest order of a kind of which only the newest counts: the crew, the form, the phones.
CREATE TABLE standing (
  kind    INTEGER PRIMARY KEY,
  version INTEGER NOT NULL,
  body    BLOB NOT NULL -- the order's; of the phones, which have a table, one byte
) STRICT;

-- A row: a phone that was enrolled here, or that the hub knows of.
CREATE TABLE phones (
  n        INTEGER PRIMARY KEY,
  id       BLOB NOT NULL UNIQUE,
  name     TEXT NOT NULL,
  verifier BLOB NOT NULL,
  at       INTEGER NOT NULL,
  struck   INTEGER NOT NULL,
  by       TEXT NOT NULL
) STRICT;
CREATE INDEX phones_verifier ON phones (verifier);

-- A row: how often in a row a crew member's PIN was wrong, and how long until the next try.
CREATE TABLE tries (
  n      INTEGER PRIMARY KEY,
  member BLOB NOT NULL UNIQUE,
  wrong  INTEGER NOT NULL,
  wait   INTEGER NOT NULL -- ms of running time
) STRICT;

-- A row: the content of an attachment that is or was on the van.
CREATE TABLE attachments (
  n         INTEGER PRIMARY KEY,
  content   BLOB NOT NULL UNIQUE,
  size      INTEGER NOT NULL,
  here      INTEGER NOT NULL, -- whole on the van
  arrived   INTEGER NOT NULL, -- ms; 0: while the clock was not trusted
  hub       INTEGER NOT NULL, -- the hub has committed it
  delivered INTEGER NOT NULL  -- ms; 0: while the clock was not trusted, or not yet
) STRICT;
CREATE INDEX attachments_owed ON attachments (size) WHERE here = 1 AND hub = 0;

-- A row: a visit names a content.
CREATE TABLE named (
  n       INTEGER PRIMARY KEY,
  content BLOB NOT NULL,
  visit   BLOB NOT NULL,
  type    TEXT NOT NULL,
  UNIQUE (content, visit)
) STRICT;
CREATE INDEX named_visit ON named (visit);

-- A row: bytes of attachments sent to the hub on a day of the van's zone (days since 1970).
CREATE TABLE sent (
  day   INTEGER PRIMARY KEY,
  bytes INTEGER NOT NULL
) STRICT;

-- +goose Down
DROP TABLE sent; DROP TABLE named; DROP TABLE attachments; DROP TABLE tries; DROP TABLE phones; DROP TABLE standing; DROP TABLE edits;
DROP TABLE households; DROP TABLE clocks; DROP TABLE editions; DROP TABLE visits; DROP TABLE viewed;
CREATE INDEX visits ON entries (seq) WHERE kind = 2;
