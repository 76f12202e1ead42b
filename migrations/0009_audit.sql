-- Audit: digests of the rows that a revision wrote, the access log and its seals, and
-- imports undone.

-- sha256-v2 entries are hashed with these; entries of sha256-v1 have none.
ALTER TABLE journal
    ADD COLUMN rows_digest   text NOT NULL DEFAULT '',
    ADD COLUMN before_digest text NOT NULL DEFAULT '',
    ADD COLUMN after_digest  text NOT NULL DEFAULT '';
COMMENT ON COLUMN journal.rows_digest IS 'hex SHA-256 over row_digest of the revision; empty: it wrote no rows where things only grow';
COMMENT ON COLUMN journal.before_digest IS 'of what was known before of everything the revision restated; empty: it restated nothing';
COMMENT ON COLUMN journal.after_digest IS 'of the same as known from the revision on';

-- What a revision wrote into a table that only grows.
CREATE TABLE row_digest (
    region integer NOT NULL REFERENCES region,
    rev    bigint  NOT NULL,
    name   text COLLATE "C" NOT NULL,           -- of the table
    rows   bigint  NOT NULL,
    digest text    NOT NULL,                    -- hex SHA-256 over the SHA-256 of each row, in key order
    marks  text    NOT NULL,                    -- hex SHA-256 over the revision's row_mark of the table
    PRIMARY KEY (region, rev, name),
    CONSTRAINT row_digest_rows CHECK (rows > 0)
);

-- Key and the beginning of the SHA-256 of each row, 4096 rows at a time, compressed: so
-- that an audit can name the row, and not only the revision and the table.
CREATE TABLE row_mark (
    region integer NOT NULL REFERENCES region,
    rev    bigint  NOT NULL,
    name   text COLLATE "C" NOT NULL,
    part   integer NOT NULL,                    -- 1 …
    marks  bytea   NOT NULL,
    PRIMARY KEY (region, rev, name, part)
);
ALTER TABLE row_mark ALTER COLUMN marks SET STORAGE EXTERNAL; -- it is compressed already

-- Who looked at full numbers or took them away (访问记录). Numbered without a gap, so a
-- missing row shows. Never holds a full number: person is the roster's surrogate.
CREATE TABLE access_log (
    region  integer     NOT NULL REFERENCES region,
    n       bigint      NOT NULL,
    at      timestamptz NOT NULL,
    actor   text        NOT NULL,               -- user of the program, or os:NAME
    origin  text        NOT NULL,               -- host it was done from
    action  text        NOT NULL,               -- 查看, 导出
    subject text        NOT NULL,               -- what: 待遇说明, 花名册, a month's files …
    person  bigint      NOT NULL,               -- whom, person (person); 0: not one person
    scope   text        NOT NULL,               -- month, bureau, file; without numbers
    PRIMARY KEY (region, n),
    CONSTRAINT access_log_n CHECK (n > 0)
);

-- A seal puts the rows first … last into the chain, with the digest of its revision.
CREATE TABLE access_seal (
    region integer NOT NULL REFERENCES region,
    rev    bigint  NOT NULL,
    first  bigint  NOT NULL,                    -- access_log (n)
    last   bigint  NOT NULL,
    PRIMARY KEY (region, rev),
    CONSTRAINT access_seal_order CHECK (last >= first AND first > 0)
);

-- Imports that were undone (撤销导入).
CREATE TABLE roster_undo (
    region integer NOT NULL REFERENCES region,
    undone bigint  NOT NULL,                    -- the revision of the import
    rev    bigint  NOT NULL,
    actor  text    NOT NULL,
    reason text    NOT NULL,
    PRIMARY KEY (region, undone),
    CONSTRAINT roster_undo_later CHECK (rev > undone),
    CONSTRAINT roster_undo_reason CHECK (reason <> '')
);

-- Rows lie in the order of revisions, so these stay tiny and cost nothing to keep.
CREATE INDEX ledger_revision ON ledger USING brin (rev);
CREATE INDEX payment_result_revision ON payment_result USING brin (rev);
CREATE INDEX match_hit_revision ON match_hit USING brin (rev);
CREATE INDEX match_missing_revision ON match_missing USING brin (rev);
CREATE INDEX person_revision ON person USING brin (rev);
CREATE INDEX fact_revision ON fact USING brin (rev);
CREATE INDEX award_revision ON award USING brin (rev);

GRANT SELECT, INSERT ON row_digest, row_mark, access_log, access_seal, roster_undo TO disburse_app;

-- People whom an undone import had brought are gone as merged ones are, into nobody.
COMMENT ON COLUMN merge.kept IS 'the record it was merged into, which may itself be merged later; 0: nobody, the import that brought it was undone';
