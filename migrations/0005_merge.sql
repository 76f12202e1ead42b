-- Identity: two records of one person are merged (合并), and what other regions of this
-- database have paid to somebody (跨区重复).

-- From the revision on the gone record does not exist for anything that is computed, and
-- its numbers are old numbers of the kept one. Nothing is deleted: months that were run
-- before are still computed from what was known then.
CREATE TABLE merge (
    region integer NOT NULL REFERENCES region,
    gone   bigint  NOT NULL,                    -- person (person) that ended; once and for ever
    kept   bigint  NOT NULL,                    -- person (person) that it was all along
    rev    bigint  NOT NULL,
    actor  text COLLATE "C" NOT NULL,
    reason text    NOT NULL,
    PRIMARY KEY (region, gone),
    FOREIGN KEY (region, actor) REFERENCES account_user,
    CONSTRAINT merge_two CHECK (gone <> kept),
    CONSTRAINT merge_reason CHECK (reason <> '')
);
COMMENT ON COLUMN merge.gone IS 'the record that ended, person (person)';
COMMENT ON COLUMN merge.kept IS 'the record it was merged into, which may itself be merged later';

-- 6 合并: what was settled for the gone record, moved to the kept one.
ALTER TABLE ledger DROP CONSTRAINT ledger_kind;
ALTER TABLE ledger ADD CONSTRAINT ledger_kind CHECK (kind BETWEEN 1 AND 6);
COMMENT ON COLUMN ledger.kind IS '1 approved line, 2 returned payment, 3 voided batch, 4 collected, 5 期初, 6 合并';

-- What other regions have paid for the ID number of one of ours. A run looks and writes
-- down what is new before it computes, so that a batch says for ever what it knew. A
-- revision states a person's rows anew; a single row with n = 0 says "nothing any more".
CREATE TABLE paid_elsewhere (
    region integer  NOT NULL REFERENCES region,
    person bigint   NOT NULL,
    rev    bigint   NOT NULL,
    n      smallint NOT NULL,                   -- 1 … of the person's rows; 0: nothing
    other  integer  NOT NULL,                   -- the region that paid; 0: none
    item   text COLLATE "C" NOT NULL,
    month  date,                                -- benefit month
    amount bigint   NOT NULL,                   -- 分
    PRIMARY KEY (region, person, rev, n),
    CONSTRAINT paid_elsewhere_other CHECK (other <> region),
    CONSTRAINT paid_elsewhere_none CHECK ((n = 0) = (other = 0) AND (n = 0) = (month IS NULL))
);
COMMENT ON COLUMN paid_elsewhere.other IS 'region that paid';
COMMENT ON COLUMN paid_elsewhere.amount IS '分, what its lines of the item and month add up to';
CREATE INDEX paid_elsewhere_rev ON paid_elsewhere (region, rev);

GRANT SELECT, INSERT ON merge, paid_elsewhere TO disburse_app;
