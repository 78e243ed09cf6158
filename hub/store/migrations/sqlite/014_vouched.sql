-- +goose Up
-- vouched: when the organisation's sign-in let the owner in last, ms; 0: never, or it does no longer.
ALTER TABLE accounts ADD COLUMN vouched INTEGER NOT NULL DEFAULT 0;
UPDATE accounts SET vouched = seen WHERE by = 'oidc';

-- +goose Down
ALTER TABLE accounts DROP COLUMN vouched;
