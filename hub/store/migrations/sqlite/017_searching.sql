-- +goose Up
-- With all that a part of the map is asked for beside its cells, so that the visits' own rows need not be read.
DROP INDEX visits_cell;
CREATE INDEX visits_cell ON visits (cell, lat, lon, state, made, position, changed, withdrawn) WHERE changed > 0 AND withdrawn = 0 AND cell IS NOT NULL;
-- changed -1: it cannot be found, since what it says cannot be written down so.
CREATE INDEX visits_unfindable ON visits (position) WHERE changed < 0;

-- n: counted from 1 as they come; 0: an older release kept it, and it has no words yet. open: those of its words that nobody masks.
ALTER TABLE households ADD COLUMN n INTEGER NOT NULL DEFAULT 0;
ALTER TABLE households ADD COLUMN open TEXT NOT NULL DEFAULT '';
CREATE INDEX households_n ON households (n);

-- The words of a household, its rowid the household's n: see householdwords.go.
CREATE VIRTUAL TABLE household_words USING fts5(words, content = '', contentless_delete = 1, tokenize = 'ascii');

-- A row: how many visits with a need (its code, or * for any) in some state of review and with an outcome there are in a cell of the
-- map, and the sums of where.
CREATE TABLE visit_need_cells (
  value   TEXT NOT NULL,
  cell    INTEGER NOT NULL,
  state   INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  n       INTEGER NOT NULL,
  lat     INTEGER NOT NULL,
  lon     INTEGER NOT NULL,
  PRIMARY KEY (value, cell, state, outcome)
) STRICT, WITHOUT ROWID;
INSERT INTO visit_need_cells SELECT m.value, v.cell, v.state, v.outcome, count(*), sum(v.lat), sum(v.lon)
  FROM visit_marks m JOIN visits v ON v.position = m.position
  WHERE m.kind = 2 AND v.changed > 0 AND v.withdrawn = 0 AND v.cell IS NOT NULL GROUP BY m.value, v.cell, v.state, v.outcome;

-- Of the kind 5: a community in a week, day being the number of the week.
INSERT INTO visit_days SELECT 5, '', day / 7, '', 0, 0, 0, value, sum(n) FROM visit_days WHERE kind = 2 GROUP BY day / 7, value;

-- found: up to where visits are found, but for those that an older release kept. unworded: up to where they have words of an older
-- release, in which numbers are not masked.
INSERT INTO counters VALUES
  ('found', coalesce((SELECT position FROM visits WHERE changed > 0 ORDER BY position DESC LIMIT 1), (SELECT max(position) FROM visits), 0)),
  ('unworded', coalesce((SELECT max(position) FROM visits), 0));

-- +goose Down
DELETE FROM counters WHERE name IN ('found', 'unworded');
DELETE FROM visit_days WHERE kind = 5;
DROP TABLE visit_need_cells; DROP TABLE household_words;
DROP INDEX households_n;
ALTER TABLE households DROP COLUMN open; ALTER TABLE households DROP COLUMN n;
DROP INDEX visits_unfindable;
UPDATE visits SET changed = 0 WHERE changed < 0;
DROP INDEX visits_cell;
CREATE INDEX visits_cell ON visits (cell) WHERE changed > 0 AND withdrawn = 0 AND cell IS NOT NULL;
