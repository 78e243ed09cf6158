-- +goose Up
ALTER TABLE saved_views ADD COLUMN whole BIGINT NOT NULL DEFAULT 0;
ALTER TABLE saved_views ADD COLUMN places TEXT COLLATE "C" NOT NULL DEFAULT '[]';
UPDATE saved_views SET whole = (SELECT a.whole FROM accounts a WHERE a.name = saved_views.account), places = (SELECT a.places FROM accounts a WHERE a.name = saved_views.account);
DELETE FROM recovery_codes;

-- +goose Down
ALTER TABLE saved_views DROP COLUMN places;
ALTER TABLE saved_views DROP COLUMN whole;
