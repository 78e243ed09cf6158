-- +goose Up
-- judged: staff have said something of the visit as it is now, or it was withdrawn. Of a million visits that are, those few are
-- found at once that are not.
ALTER TABLE visits ADD COLUMN judged INTEGER NOT NULL DEFAULT 0;
UPDATE visits SET judged = 1 WHERE id IN (SELECT visit FROM visit_states WHERE review <> 0 OR withdrawn = 1);
CREATE INDEX visits_new ON visits (judged) WHERE judged = 0; -- in the order of position

-- +goose Down
DROP INDEX visits_new;
ALTER TABLE visits DROP COLUMN judged;
