-- Guards: what the program's role can no longer change, or not unseen by `audit verify`.
-- Rows of earlier programs are not put into the new tables: no revision vouches for them.
-- What the journal says of them is compared instead.

-- Handed to the bank, once more, in a table that only grows. Like batch_seal, its foreign
-- key holds the batch's own row: the mark can no longer be moved or taken away.
ALTER TABLE batch ADD CONSTRAINT batch_sent_once UNIQUE (region, batch, sent_rev);
CREATE TABLE batch_sent (
    region integer NOT NULL,
    batch  integer NOT NULL,
    rev    bigint  NOT NULL,                    -- batch (sent_rev)
    PRIMARY KEY (region, batch),
    CONSTRAINT batch_sent_as_marked FOREIGN KEY (region, batch, rev) REFERENCES batch (region, batch, sent_rev)
);

-- What a batch has beside its lines, of which only a digest is kept for ever: at
-- submission its findings, debts and totals by item, and after each run the register
-- behind an approved batch. The newest row of a batch and name counts.
CREATE TABLE part_seal (
    region integer NOT NULL,
    batch  integer NOT NULL,
    name   text COLLATE "C" NOT NULL,           -- finding, debt, batch_item, later_register
    rev    bigint  NOT NULL,
    rows   bigint  NOT NULL,
    digest text    NOT NULL,                    -- hex SHA-256 over the rows as binary COPY tuples in key order
    PRIMARY KEY (region, batch, name, rev),
    CONSTRAINT part_seal_name CHECK (name IN ('finding', 'debt', 'batch_item', 'later_register'))
);

-- The opening month as it was settled, by the first run or import of opening entries; of a
-- region that ran before, by its next run. A first run that is discarded leaves its row,
-- and the run that discards it adds its own: the last counts.
CREATE TABLE region_opening (
    region integer NOT NULL REFERENCES region,
    rev    bigint  NOT NULL,
    month  date    NOT NULL,
    PRIMARY KEY (region, rev),
    CONSTRAINT region_opening_is_month CHECK (extract(day FROM month) = 1)
);

GRANT SELECT, INSERT ON batch_sent, part_seal, region_opening TO disburse_app;

-- A region keeps its name and code.
REVOKE UPDATE ON region FROM disburse_app;
GRANT UPDATE (opening_month, head, head_hash, next_person) ON region TO disburse_app;

-- A pack whose controls differ takes two people too, without any effect on settled months.
ALTER TABLE pack_proposal DROP CONSTRAINT pack_proposal_effect;
ALTER TABLE pack_proposal ADD CONSTRAINT pack_proposal_effect CHECK
    (more >= 0 AND less <= 0 AND (heads > 0 OR (heads = 0 AND more = 0 AND less = 0)));
ALTER TABLE pack_adoption DROP CONSTRAINT pack_adoption_four_eyes;
ALTER TABLE pack_adoption ADD CONSTRAINT pack_adoption_four_eyes CHECK
    ((NOT retroactive OR proposal IS NOT NULL) AND (proposal IS NOT NULL) = (approver <> '') AND approver <> actor);
COMMENT ON COLUMN pack_proposal.heads IS 'people with a difference; 0: only controls differ';
