-- +goose Up
-- What was there for the list by state of review alone, before visits were found by it.
DROP INDEX visits_new;
DROP INDEX visit_states_review;
ALTER TABLE visits DROP COLUMN judged;

-- A row: by a change a visit that was found left where it had been; where that was, in the form for comparing. Who sees only that is told that it is gone.
CREATE TABLE visit_moves (
  changed   INTEGER PRIMARY KEY, -- number of the change
  position  INTEGER NOT NULL,
  van       INTEGER NOT NULL,
  street    TEXT NOT NULL,
  community TEXT NOT NULL,
  grid      TEXT NOT NULL,
  compound  TEXT NOT NULL,
  building  TEXT NOT NULL
) STRICT;

-- A row: somebody gave a visit to somebody for review; to whom: an account, empty: to nobody.
CREATE TABLE visit_assignments (
  n     INTEGER PRIMARY KEY,
  visit BLOB NOT NULL,
  by    TEXT NOT NULL,
  at    INTEGER NOT NULL, -- ms
  whom  TEXT NOT NULL
) STRICT;
CREATE INDEX visit_assignments_visit ON visit_assignments (visit, n);

-- +goose Down
DROP TABLE visit_assignments;
DROP TABLE visit_moves;
ALTER TABLE visits ADD COLUMN judged INTEGER NOT NULL DEFAULT 0;
UPDATE visits SET judged = 1 WHERE id IN (SELECT visit FROM visit_states WHERE review <> 0 OR withdrawn = 1);
CREATE INDEX visit_states_review ON visit_states (review, position) WHERE withdrawn = 0;
CREATE INDEX visits_new ON visits (judged) WHERE judged = 0;
