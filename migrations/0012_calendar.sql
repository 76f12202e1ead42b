-- The calendar (日历): what runs by itself and when, what became of it, and the notices
-- (通知) it leaves. The queue that carries the work is River's, in the schema river; its
-- rows come and go, what must be remembered stands here.

-- A region whose calendar a server keeps.
CREATE TABLE job_calendar (
    region integer     PRIMARY KEY REFERENCES region,
    since  timestamptz NOT NULL                 -- what was due before is not made up for
);

-- 节假日: days on which offices are closed (休) or work although it is a weekend (班).
CREATE TABLE holiday (
    region integer NOT NULL REFERENCES region,
    day    date    NOT NULL,
    off    boolean NOT NULL,                    -- true 休, false 班
    name   text    NOT NULL,
    PRIMARY KEY (region, day),
    CONSTRAINT holiday_name CHECK (name <> '')
);

-- What a region has set otherwise than the program's defaults.
CREATE TABLE job_setting (
    region     integer     NOT NULL REFERENCES region,
    job        text COLLATE "C" NOT NULL,
    enabled    boolean     NOT NULL,
    every      text        NOT NULL,            -- 每日, 每周 or 每月
    day        smallint    NOT NULL,            -- of the week (1 is Monday) or month; 0: 每日
    hour       smallint    NOT NULL,
    minute     smallint    NOT NULL,
    shift      text        NOT NULL,            -- off a weekend or holiday: 不移, 提前, 顺延
    lead       smallint[]  NOT NULL,            -- working days before that day; empty: on it
    parameters jsonb       NOT NULL,            -- texts by name
    since      timestamptz NOT NULL,            -- when it was set: what was due before is not made up for
    PRIMARY KEY (region, job),
    CONSTRAINT job_setting_day CHECK (CASE every WHEN '每日' THEN day = 0 WHEN '每周' THEN day BETWEEN 1 AND 7
                                      WHEN '每月' THEN day BETWEEN 1 AND 28 ELSE false END),
    CONSTRAINT job_setting_time CHECK (hour BETWEEN 0 AND 23 AND minute BETWEEN 0 AND 59),
    CONSTRAINT job_setting_shift CHECK (shift IN ('不移', '提前', '顺延')),
    CONSTRAINT job_setting_lead CHECK (cardinality(lead) <= CASE every WHEN '每月' THEN 10 ELSE 0 END AND 1 <= ALL (lead) AND 20 >= ALL (lead))
);

-- One row each time a job is due, whichever servers see that it is: the key lets one do it.
CREATE TABLE job_occurrence (
    region   integer     NOT NULL REFERENCES region,
    job      text COLLATE "C" NOT NULL,
    due      timestamptz NOT NULL,              -- by the rule alone, whatever holidays say; by hand: when it was asked for
    planned  timestamptz NOT NULL,              -- due, moved off weekends and holidays
    month    date,                              -- that it works on; null: none
    actor    text COLLATE "C" NOT NULL,         -- who asked for it by hand; empty: the calendar
    state    text        NOT NULL DEFAULT 'waiting',
    attempt  smallint    NOT NULL DEFAULT 0,    -- of the server that holds it
    beat     timestamptz NOT NULL DEFAULT now(),-- last sign of life, by the database's clock
    host     text        NOT NULL DEFAULT '',
    started  timestamptz,
    finished timestamptz,
    done     bigint      NOT NULL DEFAULT 0,    -- progress
    total    bigint      NOT NULL DEFAULT 0,    -- 0: not known
    log      text        NOT NULL DEFAULT '',   -- for staff, a sentence a line
    PRIMARY KEY (region, job, due),
    CONSTRAINT job_occurrence_state CHECK (state IN ('waiting', 'running', 'done', 'failed', 'skipped')),
    CONSTRAINT job_occurrence_started CHECK (state NOT IN ('running', 'done') OR (started IS NOT NULL AND attempt > 0)),
    CONSTRAINT job_occurrence_finished CHECK ((state IN ('done', 'failed', 'skipped')) = (finished IS NOT NULL)),
    CONSTRAINT job_occurrence_month CHECK (extract(day FROM month) = 1)
);
CREATE INDEX job_occurrence_open ON job_occurrence (region, beat) WHERE state IN ('waiting', 'running');

-- 通知: what a job tells. An occurrence ends once, so k of its notices are there once.
CREATE TABLE notice (
    region  integer     NOT NULL,
    n       bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    job     text COLLATE "C" NOT NULL,
    due     timestamptz NOT NULL,
    k       smallint    NOT NULL,
    kind    text        NOT NULL,
    bureau  text COLLATE "C" NOT NULL,          -- empty: the whole region
    post    text        NOT NULL,               -- empty: every post
    title   text        NOT NULL,
    body    text        NOT NULL,
    link    text        NOT NULL,               -- a page of the console; empty: none
    created timestamptz NOT NULL,
    PRIMARY KEY (region, n),
    FOREIGN KEY (region, job, due) REFERENCES job_occurrence,
    CONSTRAINT notice_once UNIQUE (region, job, due, k),
    CONSTRAINT notice_title CHECK (title <> '')
);

CREATE TABLE notice_read (
    region integer     NOT NULL,
    n      bigint      NOT NULL,
    reader text COLLATE "C" NOT NULL,
    at     timestamptz NOT NULL,
    PRIMARY KEY (region, n, reader),
    FOREIGN KEY (region, n) REFERENCES notice
);

-- A notice on its way out of the program.
CREATE TABLE notice_delivery (
    region   integer     NOT NULL,
    n        bigint      NOT NULL,
    channel  text COLLATE "C" NOT NULL,
    state    text        NOT NULL DEFAULT 'waiting',
    tries    smallint    NOT NULL DEFAULT 0,
    next_try timestamptz NOT NULL,
    error    text        NOT NULL DEFAULT '',   -- of the last try
    PRIMARY KEY (region, n, channel),
    FOREIGN KEY (region, n) REFERENCES notice,
    CONSTRAINT notice_delivery_channel CHECK (channel IN ('smtp', 'webhook')),
    CONSTRAINT notice_delivery_state CHECK (state IN ('waiting', 'sent', 'failed'))
);
CREATE INDEX notice_delivery_waiting ON notice_delivery (region, next_try) WHERE state = 'waiting';

GRANT SELECT, INSERT ON job_calendar TO disburse_app;
GRANT UPDATE (since) ON job_calendar TO disburse_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON holiday, job_setting TO disburse_app;
GRANT SELECT, INSERT, UPDATE ON job_occurrence, notice, notice_delivery TO disburse_app;
GRANT SELECT, INSERT, DELETE ON notice_read TO disburse_app;
