-- +goose Up
CREATE TABLE visit_days (
  kind      BIGINT NOT NULL,
  street    TEXT COLLATE "C" NOT NULL,
  day       BIGINT NOT NULL,
  community TEXT COLLATE "C" NOT NULL,
  van       BIGINT NOT NULL,
  outcome   BIGINT NOT NULL,
  state     BIGINT NOT NULL,
  value     TEXT COLLATE "C" NOT NULL,
  n         BIGINT NOT NULL,
  PRIMARY KEY (kind, street, day, community, van, outcome, state, value)
);

-- +goose Down
DROP TABLE visit_days;
