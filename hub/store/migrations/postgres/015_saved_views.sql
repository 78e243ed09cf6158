-- +goose Up
CREATE TABLE saved_views (
  id       BYTEA PRIMARY KEY,
  account  TEXT COLLATE "C" NOT NULL REFERENCES accounts (name),
  name     TEXT COLLATE "C" NOT NULL,
  query    TEXT COLLATE "C" NOT NULL,
  shared   BIGINT NOT NULL,
  standing BIGINT NOT NULL,
  gone     BIGINT NOT NULL
);
CREATE INDEX saved_views_account ON saved_views (account);
CREATE INDEX saved_views_shared ON saved_views (id) WHERE shared = 1;

-- +goose Down
DROP TABLE saved_views;
