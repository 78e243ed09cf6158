-- +goose Up
-- What visits are found by, as they are now. street to building: in the form for comparing. van, boot: of the first entry; boot NULL: its time is trusted. made: ms, corrected.
-- cell: where on the map, see findmap.go; lat, lon: units of 1e-7 degrees; NULL: not known. changed: number of its last change; 0: an older
-- release kept it, and it is not found yet.
ALTER TABLE visits ADD COLUMN van INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visits ADD COLUMN made INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visits ADD COLUMN boot BLOB;
ALTER TABLE visits ADD COLUMN doubtful INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visits ADD COLUMN place INTEGER NOT NULL DEFAULT 0; -- in visit_places
ALTER TABLE visits ADD COLUMN street TEXT NOT NULL DEFAULT '';
ALTER TABLE visits ADD COLUMN community TEXT NOT NULL DEFAULT '';
ALTER TABLE visits ADD COLUMN grid TEXT NOT NULL DEFAULT '';
ALTER TABLE visits ADD COLUMN compound TEXT NOT NULL DEFAULT '';
ALTER TABLE visits ADD COLUMN building TEXT NOT NULL DEFAULT '';
ALTER TABLE visits ADD COLUMN by TEXT NOT NULL DEFAULT '';
ALTER TABLE visits ADD COLUMN outcome INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visits ADD COLUMN photo INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visits ADD COLUMN household BLOB;
ALTER TABLE visits ADD COLUMN cell INTEGER;
ALTER TABLE visits ADD COLUMN lat INTEGER;
ALTER TABLE visits ADD COLUMN lon INTEGER;
ALTER TABLE visits ADD COLUMN state INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visits ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
ALTER TABLE visits ADD COLUMN assigned TEXT NOT NULL DEFAULT '';
ALTER TABLE visits ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;

-- Each ends in one of the orders of a list: that of arrival (position), or that in which visits were made.
CREATE INDEX visits_made ON visits (made, position) WHERE changed > 0 AND withdrawn = 0;
CREATE INDEX visits_day ON visits (made / 86400000, position) WHERE changed > 0 AND withdrawn = 0;
CREATE INDEX visits_month ON visits (made / 2592000000, position) WHERE changed > 0 AND withdrawn = 0;
CREATE INDEX visits_van ON visits (van, position) WHERE changed > 0 AND withdrawn = 0;
CREATE INDEX visits_van_made ON visits (van, made, position) WHERE changed > 0 AND withdrawn = 0;
CREATE INDEX visits_street ON visits (street, position) WHERE changed > 0 AND withdrawn = 0;
CREATE INDEX visits_street_made ON visits (street, made, position) WHERE changed > 0 AND withdrawn = 0;
CREATE INDEX visits_community ON visits (community, position) WHERE changed > 0 AND withdrawn = 0;
CREATE INDEX visits_community_made ON visits (community, made, position) WHERE changed > 0 AND withdrawn = 0;
CREATE INDEX visits_compound ON visits (compound, position) WHERE changed > 0 AND withdrawn = 0;
CREATE INDEX visits_compound_made ON visits (compound, made, position) WHERE changed > 0 AND withdrawn = 0;
CREATE INDEX visits_loose ON visits (van, position) WHERE changed > 0 AND withdrawn = 0 AND street = '';
CREATE INDEX visits_loose_made ON visits (van, made, position) WHERE changed > 0 AND withdrawn = 0 AND street = '';
CREATE INDEX visits_by ON visits (by, position) WHERE changed > 0 AND withdrawn = 0;
CREATE INDEX visits_by_made ON visits (by, made, position) WHERE changed > 0 AND withdrawn = 0;
CREATE INDEX visits_outcome ON visits (outcome, position) WHERE changed > 0 AND withdrawn = 0;
CREATE INDEX visits_outcome_made ON visits (outcome, made, position) WHERE changed > 0 AND withdrawn = 0;
CREATE INDEX visits_state ON visits (state, position) WHERE changed > 0 AND withdrawn = 0;
CREATE INDEX visits_state_made ON visits (state, made, position) WHERE changed > 0 AND withdrawn = 0;
CREATE INDEX visits_assigned ON visits (assigned, position) WHERE changed > 0 AND withdrawn = 0 AND assigned <> '';
CREATE INDEX visits_assigned_made ON visits (assigned, made, position) WHERE changed > 0 AND withdrawn = 0 AND assigned <> '';
CREATE INDEX visits_doubtful ON visits (position) WHERE changed > 0 AND withdrawn = 0 AND doubtful = 1;
CREATE INDEX visits_doubtful_made ON visits (made, position) WHERE changed > 0 AND withdrawn = 0 AND doubtful = 1;
CREATE INDEX visits_photo ON visits (position) WHERE changed > 0 AND withdrawn = 0 AND photo = 1;
CREATE INDEX visits_photo_made ON visits (made, position) WHERE changed > 0 AND withdrawn = 0 AND photo = 1;
CREATE INDEX visits_household ON visits (household, position) WHERE changed > 0 AND withdrawn = 0 AND household IS NOT NULL;
CREATE INDEX visits_cell ON visits (cell) WHERE changed > 0 AND withdrawn = 0 AND cell IS NOT NULL;
-- These are for few rows, or for all. What all have in common must not look like something to choose by: hence changed + 0.
CREATE INDEX visits_withdrawn ON visits (position) WHERE changed > 0 AND withdrawn = 1;
CREATE INDEX visits_boot ON visits (van, boot) WHERE boot IS NOT NULL;
CREATE INDEX visits_changed ON visits (changed + 0) WHERE changed > 0;
CREATE INDEX visits_unfound ON visits (position) WHERE changed = 0;

-- A row: a place down to the compound, in the form for comparing and as visits say it. It stays when no visit is there any more.
CREATE TABLE visit_places (
  n              INTEGER PRIMARY KEY,
  street         TEXT NOT NULL,
  community      TEXT NOT NULL,
  grid           TEXT NOT NULL,
  compound       TEXT NOT NULL,
  said_street    TEXT NOT NULL,
  said_community TEXT NOT NULL,
  said_grid      TEXT NOT NULL,
  said_compound  TEXT NOT NULL,
  UNIQUE (said_street, said_community, said_grid, said_compound)
) STRICT;
INSERT INTO visit_places VALUES (0, '', '', '', '', '', '', '', '');

-- A row: something that a visit has besides, of a kind: 1 a service, 2 a code of a need, or * for any need.
CREATE TABLE visit_marks (
  kind     INTEGER NOT NULL,
  value    TEXT NOT NULL,
  position INTEGER NOT NULL,
  made     INTEGER NOT NULL,
  PRIMARY KEY (kind, value, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX visit_marks_made ON visit_marks (kind, value, made, position);
CREATE INDEX visit_marks_visit ON visit_marks (position);

-- The words of a visit, its rowid the visit's position: see grams.go. Words are parted by spaces, and have been made small already.
CREATE VIRTUAL TABLE visit_words USING fts5(words, content = '', contentless_delete = 1, tokenize = 'ascii');

-- A row: how many visits of a van there are in a place, with a value of some kind: 0 none, 1 and 2 those of visit_marks, 3 who made them.
-- -1 stands for all places, or all vans.
CREATE TABLE visit_tallies (
  place INTEGER NOT NULL,
  van   INTEGER NOT NULL,
  kind  INTEGER NOT NULL,
  value TEXT NOT NULL,
  n     INTEGER NOT NULL,
  PRIMARY KEY (place, van, kind, value)
) STRICT, WITHOUT ROWID;

-- A row: how many visits of a van in some place, in some state of review and with an outcome there are in a cell of the map, and the
-- sums of where. -1 stands for all places, or all vans.
CREATE TABLE visit_cells (
  place   INTEGER NOT NULL,
  van     INTEGER NOT NULL,
  cell    INTEGER NOT NULL,
  state   INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  n       INTEGER NOT NULL,
  lat     INTEGER NOT NULL,
  lon     INTEGER NOT NULL,
  PRIMARY KEY (place, van, cell, state, outcome)
) STRICT, WITHOUT ROWID;

-- A row: a counter, and the last number that it gave. Whoever takes one holds it until the commit, so that numbers are committed in order.
CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  n    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counters VALUES ('visits', 0);

-- +goose Down
DROP TABLE counters; DROP TABLE visit_cells; DROP TABLE visit_tallies; DROP TABLE visit_words; DROP TABLE visit_marks; DROP TABLE visit_places;
DROP INDEX visits_unfound; DROP INDEX visits_changed; DROP INDEX visits_boot; DROP INDEX visits_withdrawn; DROP INDEX visits_cell;
DROP INDEX visits_household; DROP INDEX visits_photo_made; DROP INDEX visits_photo; DROP INDEX visits_doubtful_made; DROP INDEX visits_doubtful;
DROP INDEX visits_assigned_made; DROP INDEX visits_assigned; DROP INDEX visits_state_made; DROP INDEX visits_state; DROP INDEX visits_outcome_made;
DROP INDEX visits_outcome; DROP INDEX visits_by_made; DROP INDEX visits_by; DROP INDEX visits_loose_made; DROP INDEX visits_loose;
DROP INDEX visits_compound_made; DROP INDEX visits_compound; DROP INDEX visits_community_made; DROP INDEX visits_community;
DROP INDEX visits_street_made; DROP INDEX visits_street; DROP INDEX visits_van_made; DROP INDEX visits_van; DROP INDEX visits_month; DROP INDEX visits_day; DROP INDEX visits_made;
ALTER TABLE visits DROP COLUMN changed; ALTER TABLE visits DROP COLUMN assigned; ALTER TABLE visits DROP COLUMN withdrawn; ALTER TABLE visits DROP COLUMN state;
ALTER TABLE visits DROP COLUMN lon; ALTER TABLE visits DROP COLUMN lat; ALTER TABLE visits DROP COLUMN cell; ALTER TABLE visits DROP COLUMN household;
ALTER TABLE visits DROP COLUMN photo; ALTER TABLE visits DROP COLUMN outcome; ALTER TABLE visits DROP COLUMN by; ALTER TABLE visits DROP COLUMN building;
ALTER TABLE visits DROP COLUMN compound; ALTER TABLE visits DROP COLUMN grid; ALTER TABLE visits DROP COLUMN community; ALTER TABLE visits DROP COLUMN street; ALTER TABLE visits DROP COLUMN place;
ALTER TABLE visits DROP COLUMN doubtful; ALTER TABLE visits DROP COLUMN boot; ALTER TABLE visits DROP COLUMN made; ALTER TABLE visits DROP COLUMN van;
