-- +goose Up
-- whole, places: what its owner could see when a view was saved, which is what its query may tell of; as in accounts.
ALTER TABLE saved_views ADD COLUMN whole INTEGER NOT NULL DEFAULT 0;
ALTER TABLE saved_views ADD COLUMN places TEXT NOT NULL DEFAULT '[]';
UPDATE saved_views SET whole = (SELECT a.whole FROM accounts a WHERE a.name = saved_views.account), places = (SELECT a.places FROM accounts a WHERE a.name = saved_views.account);
-- Codes of before are too short for the hash that is kept of them: their owners make new ones.
DELETE FROM recovery_codes;

-- +goose Down
ALTER TABLE saved_views DROP COLUMN places;
ALTER TABLE saved_views DROP COLUMN whole;
