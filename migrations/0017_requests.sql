-- 账户变更 that wait for a second person, whichever way they come: a workbook, a page, an
-- import undone, two records merged. Institutions' accounts wait as people's do and, where
-- the pack asks for it, facts and 核定金额 that raise money.

-- Whoever imports without --as is a user of the operating system, not of the program.
ALTER TABLE account_request DROP CONSTRAINT account_request_region_actor_fkey;
-- A fact has no account: what it was and is to be stands in request_subject.
ALTER TABLE account_request DROP CONSTRAINT account_request_change;

-- What a request is about. One without a row is older than this table: somebody's own
-- account, asked for on a page.
CREATE TABLE request_subject (
    region integer NOT NULL,
    n      integer NOT NULL,                    -- of the request
    rev    bigint  NOT NULL,
    kind   text    NOT NULL,                    -- person, payee: an account; fact, award: a whole history
    name   text COLLATE "C" NOT NULL,           -- the institution's, the fact's, the item's code; of a person empty
    before text    NOT NULL,                    -- of a fact or award: the history as known, JSON; of an
                                                -- account the 代领人 where that changes, too, else empty
    after  text    NOT NULL,                    -- as it is to be
    source text    NOT NULL,                    -- page: typed by hand; import, undo, merge
    PRIMARY KEY (region, n),
    FOREIGN KEY (region, n) REFERENCES account_request,
    CONSTRAINT request_subject_kind CHECK (kind IN ('person', 'payee', 'fact', 'award')),
    CONSTRAINT request_subject_source CHECK (source IN ('page', 'import', 'undo', 'merge'))
);

-- Requests that nobody need answer any more.
CREATE TABLE request_closing (
    region integer NOT NULL,
    n      integer NOT NULL,                    -- of the request
    rev    bigint  NOT NULL,
    code   text    NOT NULL,                    -- superseded: something newer was asked for or became known;
                                                -- known: what it asks for; withdrawn: its import was undone;
                                                -- merged: the record was merged into another
    PRIMARY KEY (region, n),
    FOREIGN KEY (region, n) REFERENCES account_request,
    CONSTRAINT request_closing_code CHECK (code IN ('superseded', 'known', 'withdrawn', 'merged'))
);

GRANT SELECT, INSERT ON request_subject, request_closing TO disburse_app;
