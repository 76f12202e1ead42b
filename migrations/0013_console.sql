-- The console: sessions, work that takes longer than a page, files that were sent in.
-- None of it is knowledge or money: it is not chained, not backed up, and may be cleaned up.

CREATE TABLE console_session (
    region  integer     NOT NULL REFERENCES region,
    token   bytea       NOT NULL,               -- SHA-256 of the cookie: the table alone opens nothing
    actor   text COLLATE "C" NOT NULL,
    origin  text        NOT NULL,               -- address it was begun from
    begun   timestamptz NOT NULL,
    seen    timestamptz NOT NULL,               -- last request, to the minute
    ended   timestamptz,                        -- logged out, or ended by an administrator
    notice  text        NOT NULL DEFAULT '',    -- said once on the next page
    PRIMARY KEY (region, token),
    FOREIGN KEY (region, actor) REFERENCES account_user,
    CONSTRAINT session_token CHECK (length(token) = 32)
);

-- Work begun on a page that is followed while it runs: import, run, submit, export.
-- What it does is a transaction of its own, so work whose server died (beat has stopped)
-- has done all of it or nothing, and may be begun again.
CREATE TABLE console_work (
    region  integer     NOT NULL REFERENCES region,
    work    bigint      NOT NULL,
    actor   text COLLATE "C" NOT NULL,
    bureau  text COLLATE "C" NOT NULL,          -- whose it is; empty: the region's
    kind    text        NOT NULL,               -- what must not run twice at once
    title   text        NOT NULL,
    state   text        NOT NULL,
    step    text        NOT NULL,
    done    bigint      NOT NULL,
    total   bigint      NOT NULL,               -- 0: unknown
    message text        NOT NULL,               -- what came of it, a sentence
    link    text        NOT NULL,               -- page to go on with
    begun   timestamptz NOT NULL,
    beat    timestamptz NOT NULL,
    ended   timestamptz,
    PRIMARY KEY (region, work),
    CONSTRAINT work_state CHECK (state IN ('running', 'done', 'failed')),
    CONSTRAINT work_ended CHECK ((state = 'running') = (ended IS NULL))
);
CREATE UNIQUE INDEX console_work_once ON console_work (region, kind) WHERE state = 'running' AND kind <> '';

-- A file sent in, kept until it is imported or given up: what is committed is the very
-- file whose dry run was shown.
CREATE TABLE console_upload (
    region  integer     NOT NULL REFERENCES region,
    upload  bigint      NOT NULL,
    actor   text COLLATE "C" NOT NULL,
    kind    text        NOT NULL,               -- 花名册, 回盘, 规则包 …
    name    text        NOT NULL,               -- of the file, without folders
    sha256  text        NOT NULL,
    body    bytea       NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (region, upload)
);

GRANT SELECT, INSERT, DELETE ON console_session, console_work, console_upload TO disburse_app;
GRANT UPDATE (seen, ended, notice) ON console_session TO disburse_app;
GRANT UPDATE (state, step, done, total, message, link, beat, ended) ON console_work TO disburse_app;
