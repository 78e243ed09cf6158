-- +goose Up
-- A row: an entry about a visit beside its own: an amendment or a withdrawal. waits: the visit itself is not here yet.
CREATE TABLE visit_entries (
  visit       BLOB NOT NULL,
  id          BLOB NOT NULL,
  van         INTEGER NOT NULL REFERENCES vans (n),
  incarnation INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  received    INTEGER NOT NULL, -- ms
  waits       INTEGER NOT NULL,
  PRIMARY KEY (visit, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX visit_entries_waiting ON visit_entries (van) WHERE waits = 1;

-- A row: a visit of which there is more to say than its own entry does. incarnation, seq: where the amendment stands that says
-- it as it is now; NULL: there is none. review: of the entry last. position: the visit's.
CREATE TABLE visit_states (
  visit       BLOB PRIMARY KEY,
  position    INTEGER NOT NULL,
  last        BLOB NOT NULL,
  incarnation INTEGER,
  seq         INTEGER,
  amended     INTEGER NOT NULL,
  withdrawn   INTEGER NOT NULL,
  review      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX visit_states_review ON visit_states (review, position) WHERE withdrawn = 0;

-- A row: a word of staff about an entry of a visit, and the order that brings it to the van.
CREATE TABLE reviews (
  n       INTEGER PRIMARY KEY,
  visit   BLOB NOT NULL,
  entry   BLOB NOT NULL,
  state   INTEGER NOT NULL,
  comment TEXT NOT NULL,
  by      TEXT NOT NULL,
  at      INTEGER NOT NULL, -- ms
  made    BLOB NOT NULL     -- the order's id
) STRICT;
CREATE INDEX reviews_visit ON reviews (visit);

-- A row: content that visits of a van name.
CREATE TABLE attachments (
  content BLOB NOT NULL,
  van     INTEGER NOT NULL REFERENCES vans (n),
  size    INTEGER NOT NULL,
  PRIMARY KEY (content, van)
) STRICT, WITHOUT ROWID;

-- A row: content that is here, whole and durable.
CREATE TABLE contents (
  content BLOB PRIMARY KEY,
  at      INTEGER NOT NULL -- ms
) STRICT, WITHOUT ROWID;

-- A row: a household as it is now; body: CBOR of an order that holds it alone; words: what is searched, in small letters.
CREATE TABLE households (
  id        BLOB PRIMARY KEY,
  rev       BLOB NOT NULL,
  street    TEXT NOT NULL,
  community TEXT NOT NULL,
  grid      TEXT NOT NULL,
  compound  TEXT NOT NULL,
  building  TEXT NOT NULL,
  unit      TEXT NOT NULL,
  room      TEXT NOT NULL,
  disputed  INTEGER NOT NULL,
  words     TEXT NOT NULL,
  body      BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX households_street ON households (street);
CREATE INDEX households_community ON households (community);
CREATE INDEX households_compound ON households (compound, building);
CREATE INDEX households_disputed ON households (disputed) WHERE disputed = 1;

-- A row: a household as one change made it, counted from 1. van '': staff. was: the edition that was seen; NULL: none.
-- asked: what a crew made of it, before that was joined with what others did; NULL: staff.
CREATE TABLE household_editions (
  household BLOB NOT NULL,
  n         INTEGER NOT NULL,
  rev       BLOB NOT NULL,
  was       BLOB,
  van       TEXT NOT NULL,
  by        TEXT NOT NULL,
  made      INTEGER NOT NULL, -- ms
  body      BLOB NOT NULL,
  asked     BLOB,
  PRIMARY KEY (household, n)
) STRICT, WITHOUT ROWID;

-- A row: the parts of town of a van, JSON. sweep: the area has changed, and what the van was told is compared with it up to this
-- household; NULL: that is over.
CREATE TABLE areas (
  van   TEXT PRIMARY KEY,
  body  TEXT NOT NULL,
  by    TEXT NOT NULL,
  made  INTEGER NOT NULL, -- ms
  sweep BLOB
) STRICT, WITHOUT ROWID;

-- A row: a household that a van was told of, and in which edition; NULL: the last it was told is to forget it. n: up to which
-- edition the van was told which edits of its crew are settled.
CREATE TABLE told (
  van       TEXT NOT NULL,
  household BLOB NOT NULL,
  rev       BLOB,
  n         INTEGER NOT NULL,
  PRIMARY KEY (van, household)
) STRICT, WITHOUT ROWID;
CREATE INDEX told_household ON told (household);

-- A row: a household of which a van may have to be told something.
CREATE TABLE due (
  van       TEXT NOT NULL,
  household BLOB NOT NULL,
  PRIMARY KEY (van, household)
) STRICT, WITHOUT ROWID;

-- A row: somebody who goes with vans.
CREATE TABLE crew (
  id       BLOB PRIMARY KEY,
  name     TEXT NOT NULL,
  verifier TEXT NOT NULL,
  struck   INTEGER NOT NULL,
  by       TEXT NOT NULL,
  made     INTEGER NOT NULL -- ms
) STRICT, WITHOUT ROWID;

-- A row: a van that a crew member goes with. Who has none goes with all.
CREATE TABLE crew_vans (
  member BLOB NOT NULL REFERENCES crew (id) ON DELETE CASCADE,
  van    TEXT NOT NULL,
  PRIMARY KEY (member, van)
) STRICT, WITHOUT ROWID;

-- A row: a phone that was enrolled at a van.
CREATE TABLE phones (
  van      TEXT NOT NULL,
  id       BLOB NOT NULL,
  name     TEXT NOT NULL,
  verifier BLOB NOT NULL,
  at       INTEGER NOT NULL, -- ms
  struck   INTEGER NOT NULL,
  by       TEXT NOT NULL,
  PRIMARY KEY (van, id)
) STRICT, WITHOUT ROWID;

-- A row: when the crew or the phones (by the kind of the order) of a van last changed, counted in changes; van '': those of all.
CREATE TABLE roster_versions (
  kind    INTEGER NOT NULL,
  van     TEXT NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (kind, van)
) STRICT, WITHOUT ROWID;

-- A row: a version of the form, CBOR. It never changes.
CREATE TABLE forms (
  version INTEGER PRIMARY KEY,
  by      TEXT NOT NULL,
  made    INTEGER NOT NULL, -- ms
  body    BLOB NOT NULL
) STRICT;

-- +goose Down
DROP TABLE forms; DROP TABLE roster_versions; DROP TABLE phones; DROP TABLE crew_vans; DROP TABLE crew; DROP TABLE due; DROP TABLE told;
DROP TABLE areas; DROP TABLE household_editions; DROP TABLE households; DROP TABLE contents; DROP TABLE attachments; DROP TABLE reviews;
DROP TABLE visit_states; DROP TABLE visit_entries;
