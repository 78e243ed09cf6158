-- +goose Up
ALTER TABLE accounts ADD COLUMN vouched BIGINT NOT NULL DEFAULT 0;
UPDATE accounts SET vouched = seen WHERE by = 'oidc';

-- +goose Down
ALTER TABLE accounts DROP COLUMN vouched;
