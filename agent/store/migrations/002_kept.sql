-- +goose Up
-- A row: the present state of one thing that the van goes by, such as its plan or the volume.
CREATE TABLE kept (
  key   TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE kept;
