-- +goose Up
-- reviewed: the newest row in reviews about the visit; 0: there is none.
ALTER TABLE visit_states ADD COLUMN reviewed INTEGER NOT NULL DEFAULT 0;
UPDATE visit_states SET reviewed = coalesce((SELECT max(r.n) FROM reviews r WHERE r.visit = visit_states.visit), 0);

-- comments: how many of visit_comments that were not taken back. What somebody was given and has not judged yet is few.
ALTER TABLE visits ADD COLUMN comments INTEGER NOT NULL DEFAULT 0;
CREATE INDEX visits_waiting ON visits (assigned, position) WHERE changed > 0 AND withdrawn = 0 AND assigned <> '' AND state = 0;
CREATE INDEX visits_waiting_made ON visits (assigned, made, position) WHERE changed > 0 AND withdrawn = 0 AND assigned <> '' AND state = 0;

-- A row: a word of staff to each other about a visit, which no van is told. gone: it was taken back; then words is empty.
CREATE TABLE visit_comments (
  n     INTEGER PRIMARY KEY,
  visit BLOB NOT NULL,
  by    TEXT NOT NULL,
  at    INTEGER NOT NULL, -- ms
  words TEXT NOT NULL,
  gone  INTEGER NOT NULL
) STRICT;
CREATE INDEX visit_comments_visit ON visit_comments (visit, n);

-- +goose Down
DROP TABLE visit_comments;
DROP INDEX visits_waiting_made;
DROP INDEX visits_waiting;
ALTER TABLE visits DROP COLUMN comments;
ALTER TABLE visit_states DROP COLUMN reviewed;
