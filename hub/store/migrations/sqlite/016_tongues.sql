-- +goose Up
-- tongues: the languages that really sounded, each between spaces; NULL: an older release kept it, and nobody has looked yet.
ALTER TABLE broadcasts ADD COLUMN tongues TEXT;
CREATE INDEX broadcasts_tongues ON broadcasts (asked, van, tongues, class, state);
CREATE INDEX broadcasts_untold ON broadcasts (id) WHERE tongues IS NULL;

-- +goose Down
DROP INDEX broadcasts_untold;
DROP INDEX broadcasts_tongues;
ALTER TABLE broadcasts DROP COLUMN tongues;
