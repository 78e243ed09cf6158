-- +goose Up
ALTER TABLE broadcasts ADD COLUMN tongues TEXT COLLATE "C";
CREATE INDEX broadcasts_tongues ON broadcasts (asked, van, tongues, class, state) INCLUDE (id);
CREATE INDEX broadcasts_untold ON broadcasts (id) WHERE tongues IS NULL;

-- +goose Down
DROP INDEX broadcasts_untold;
DROP INDEX broadcasts_tongues;
ALTER TABLE broadcasts DROP COLUMN tongues;
