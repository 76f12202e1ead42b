-- Rows that may be changed, put into the chain: what a revision changed in them, before and
-- after. `audit verify` follows each row from one change to the next and to what it is now,
-- so a change past the program shows, also when the program has changed the row since.
-- The first change of a region that has none of these rows yet states all there are.
CREATE TABLE row_change (
    region integer NOT NULL REFERENCES region,
    rev    bigint  NOT NULL,
    name   text COLLATE "C" NOT NULL,           -- of the table
    key    text COLLATE "C" NOT NULL,           -- of the row within the region; empty: it has one row
    before jsonb,                               -- columns by name; null: the row was not there, or nothing was stated yet
    after  jsonb,                               -- null: the row is gone
    PRIMARY KEY (region, rev, name, key),
    CONSTRAINT row_change_some CHECK (before IS NOT NULL OR after IS NOT NULL)
);

-- Each row of the access log, chained to the one before it by hash (journal.AccessHash). A
-- row that is altered, or gone with others behind it, shows before a seal covers it. Rows
-- of earlier programs have none.
CREATE TABLE access_link (
    region integer NOT NULL REFERENCES region,
    n      bigint  NOT NULL,                    -- access_log (n)
    hash   bytea   NOT NULL,
    PRIMARY KEY (region, n)
);

GRANT SELECT, INSERT ON row_change, access_link TO disburse_app;

-- A daily login that owns nothing backs up too: where number series stand is in a backup.
GRANT SELECT ON SEQUENCE notice_n_seq TO disburse_app;
