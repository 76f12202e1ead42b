-- What an approved batch is, once more, in a table that only grows. The foreign key holds
-- the batch's own row to it: whoever works under the program's role, the administrator
-- included, can no longer change a figure, the digest or the revision of an approved
-- batch, nor take its approval away. Signatures, lines, payments and the ledger only grow
-- anyway. What stays free is whether it was handed to the bank and whether it was voided.
CREATE TABLE batch_seal (
    region       integer  NOT NULL,
    batch        integer  NOT NULL,
    month        date     NOT NULL,
    bureau       text COLLATE "C" NOT NULL,
    n            smallint NOT NULL,
    round        smallint NOT NULL,
    revision     bigint   NOT NULL,
    pack         text     NOT NULL,
    digest       text     NOT NULL,
    lines        integer  NOT NULL,
    heads        integer  NOT NULL,
    pays         bigint   NOT NULL,             -- 分
    held         bigint   NOT NULL,             -- 分
    approved_rev bigint   NOT NULL,
    PRIMARY KEY (region, batch)
);

ALTER TABLE batch ADD CONSTRAINT batch_sealed
    UNIQUE (region, batch, month, bureau, n, round, revision, pack, digest, lines, heads, pays, held, approved_rev);

INSERT INTO batch_seal
SELECT region, batch, month, bureau, n, round, revision, pack, digest, lines, heads, pays, held, approved_rev
FROM batch WHERE approved_rev IS NOT NULL;

ALTER TABLE batch_seal ADD CONSTRAINT batch_seal_as_approved
    FOREIGN KEY (region, batch, month, bureau, n, round, revision, pack, digest, lines, heads, pays, held, approved_rev)
    REFERENCES batch (region, batch, month, bureau, n, round, revision, pack, digest, lines, heads, pays, held, approved_rev);

GRANT SELECT, INSERT ON batch_seal TO disburse_app;

-- A batch keeps its number, month and bureau; a user their name, post and bureau.
REVOKE UPDATE ON batch, account_user FROM disburse_app;
GRANT UPDATE (state, round, revision, pack, digest, lines, heads, pays, held, approved_rev, sent_rev) ON batch TO disburse_app;
GRANT UPDATE (password, active, failures, locked_until) ON account_user TO disburse_app;
