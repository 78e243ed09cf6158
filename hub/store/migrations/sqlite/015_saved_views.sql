-- +goose Up
-- A row: a query for the list of visits that somebody kept under a name. standing: its owner sees it first. gone: it was taken away
-- last, and can be put back.
CREATE TABLE saved_views (
  id       BLOB PRIMARY KEY,
  account  TEXT NOT NULL REFERENCES accounts (name),
  name     TEXT NOT NULL,
  query    TEXT NOT NULL,
  shared   INTEGER NOT NULL,
  standing INTEGER NOT NULL,
  gone     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX saved_views_account ON saved_views (account);
CREATE INDEX saved_views_shared ON saved_views (id) WHERE shared = 1;

-- +goose Down
DROP TABLE saved_views;
