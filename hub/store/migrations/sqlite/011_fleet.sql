-- +goose Up
-- told: when the van's newest entry here was made, ms, of those by a clock to be believed; doubtful: the newest was not by such a clock.
ALTER TABLE vans ADD COLUMN told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE vans ADD COLUMN doubtful INTEGER NOT NULL DEFAULT 0;

-- seen_by: who has looked into it; empty: nobody yet.
ALTER TABLE forks ADD COLUMN seen_by TEXT NOT NULL DEFAULT '';
ALTER TABLE forks ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE gaps ADD COLUMN seen_by TEXT NOT NULL DEFAULT '';
ALTER TABLE gaps ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;

-- here: the content is; those that are not yet are few.
ALTER TABLE attachments ADD COLUMN here INTEGER NOT NULL DEFAULT 0;
UPDATE attachments SET here = 1 WHERE content IN (SELECT content FROM contents);
CREATE INDEX attachments_waiting ON attachments (van, size) WHERE here = 0;

-- +goose Down
DROP INDEX attachments_waiting;
ALTER TABLE attachments DROP COLUMN here;
ALTER TABLE gaps DROP COLUMN seen_at;
ALTER TABLE gaps DROP COLUMN seen_by;
ALTER TABLE forks DROP COLUMN seen_at;
ALTER TABLE forks DROP COLUMN seen_by;
ALTER TABLE vans DROP COLUMN doubtful;
ALTER TABLE vans DROP COLUMN told;
