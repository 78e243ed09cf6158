-- +goose Up
-- Where the entry with this id stands, so that another one under the same id can be told from the same one again.
ALTER TABLE applied ADD COLUMN incarnation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE applied ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE applied DROP COLUMN seq;
ALTER TABLE applied DROP COLUMN incarnation;
