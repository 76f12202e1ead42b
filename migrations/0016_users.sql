-- What was done to the accounts of users, by whom and why. An account that somebody else
-- opened, or whose password somebody else set, is not its user's alone until they have set
-- a password and a second person has confirmed it; both follow from these rows. Accounts of
-- earlier programs have none and are as they were.
CREATE TABLE user_event (
    region  integer NOT NULL REFERENCES region,
    name    text COLLATE "C" NOT NULL,
    rev     bigint  NOT NULL,
    what    text    NOT NULL,
    actor   text COLLATE "C" NOT NULL,          -- user of the program, or os:NAME
    reason  text    NOT NULL,
    change  boolean NOT NULL,                   -- the user must set a password before anything else
    waits   boolean NOT NULL,                   -- the account is closed until somebody confirms
    PRIMARY KEY (region, name, rev),
    FOREIGN KEY (region, name) REFERENCES account_user,
    CONSTRAINT user_event_what CHECK (what IN ('opened', 'reset', 'own', 'confirmed', 'closed', 'reopened')),
    CONSTRAINT user_event_reason CHECK (what <> 'reset' OR reason <> ''),
    CONSTRAINT user_event_own CHECK (what <> 'own' OR actor = name),
    CONSTRAINT user_event_confirmed CHECK (what <> 'confirmed' OR actor <> name)
);
GRANT SELECT, INSERT ON user_event TO disburse_app;

-- Wrong passwords from one place for one name, whether there is such a user or not: nobody
-- can shut somebody else out, and no answer tells which names exist. Forgotten after a day.
CREATE TABLE login_delay (
    region   integer     NOT NULL REFERENCES region,
    place    text COLLATE "C" NOT NULL,         -- address, of IPv6 the network
    name     bytea       NOT NULL,              -- SHA-256: people type passwords for names
    failures smallint    NOT NULL,              -- in a row
    until    timestamptz NOT NULL,              -- before it no further try is looked at
    PRIMARY KEY (region, place, name),
    CONSTRAINT login_delay_name CHECK (length(name) = 32)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON login_delay TO disburse_app;
ALTER TABLE account_user DROP COLUMN locked_until; -- failures: wrong passwords since the last right one, from anywhere

-- What somebody had typed when their session was over, until they have logged in again.
ALTER TABLE console_session ADD COLUMN kept bytea;
GRANT UPDATE (kept) ON console_session TO disburse_app;

-- Notices may come from a change, and not only from an occurrence of a job.
ALTER TABLE notice
    ALTER COLUMN job DROP NOT NULL,
    ALTER COLUMN due DROP NOT NULL,
    ALTER COLUMN k   DROP NOT NULL,
    ADD CONSTRAINT notice_of_occurrence CHECK (num_nulls(job, due, k) IN (0, 3));
