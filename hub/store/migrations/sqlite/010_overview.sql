-- +goose Up
-- A row: how many visits of one day there are. day: number since 1970 of the day in UTC+8, see days.go. kind: 0 of the whole town, 1 of a community (which is
-- in the form for comparing) or, where they name no street, of a van, 2 of a community, named in value, with street and all else empty, 3 and 4 as 0 and 1, those with the need
-- in value. outcome, state: of the visits, but for kind 2; for 3 and 4 outcome is 0.
CREATE TABLE visit_days (
  kind      INTEGER NOT NULL,
  street    TEXT NOT NULL,
  day       INTEGER NOT NULL,
  community TEXT NOT NULL,
  van       INTEGER NOT NULL,
  outcome   INTEGER NOT NULL,
  state     INTEGER NOT NULL,
  value     TEXT NOT NULL,
  n         INTEGER NOT NULL,
  PRIMARY KEY (kind, street, day, community, van, outcome, state, value)
) STRICT, WITHOUT ROWID;

-- +goose Down
DROP TABLE visit_days;
