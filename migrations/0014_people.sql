-- People as they are known now, for search; account changes that wait for a second person.

-- What is known last of everybody who is there, derived from person and merge. A search
-- must not look for the last of many revisions. It is not backed up: it fills itself.
CREATE TABLE person_now (
    region    integer NOT NULL,
    person    bigint  NOT NULL,
    rev       bigint  NOT NULL,                 -- of the row in person
    name      text COLLATE "C" NOT NULL,
    given     text COLLATE "C" NOT NULL,        -- the name without its first character
    initials  text COLLATE "C" NOT NULL,        -- of the name's pinyin, lower case
    id_number text COLLATE "C" NOT NULL,
    street    text COLLATE "C" NOT NULL,
    birth     date    NOT NULL,
    died      date,
    moved_out date,                             -- null also for who came back
    PRIMARY KEY (region, person)
);
-- Each search reads one of these from a place on, in its order.
CREATE INDEX person_now_name ON person_now (region, name, person);
CREATE INDEX person_now_given ON person_now (region, given, person);
CREATE INDEX person_now_initials ON person_now (region, initials, person);
CREATE INDEX person_now_id ON person_now (region, id_number, person);
CREATE INDEX person_now_tail ON person_now (region, reverse(id_number), person);
CREATE INDEX person_now_street ON person_now (region, street, name, person);
CREATE INDEX person_now_birth ON person_now (region, birth, person);

-- How far person_now has come. Between two revisions it goes through the people by number.
CREATE TABLE people_mark (
    region integer PRIMARY KEY REFERENCES region,
    rev    bigint  NOT NULL,                    -- taken in whole
    target bigint  NOT NULL,                    -- being taken in
    next   bigint  NOT NULL,                    -- of target: people from this number on are missing; 0: nobody is
    CONSTRAINT people_mark_order CHECK (target >= rev AND (next = 0) = (target = rev))
);

GRANT SELECT, INSERT, UPDATE, DELETE ON person_now, people_mark TO disburse_app;

-- 账户变更: somebody asks; only the answer of another person changes the account.
CREATE TABLE account_request (
    region      integer NOT NULL REFERENCES region,
    n           integer NOT NULL,               -- 申请号, counted up in the region
    rev         bigint  NOT NULL,
    person      bigint  NOT NULL,
    old_bank    text    NOT NULL,               -- as it was when it was asked for
    old_account text COLLATE "C" NOT NULL,
    old_holder  text    NOT NULL,
    bank        text    NOT NULL,
    account     text COLLATE "C" NOT NULL,
    holder      text    NOT NULL,               -- empty: the person
    actor       text COLLATE "C" NOT NULL,      -- who asks
    reason      text    NOT NULL,               -- with the document it rests on
    PRIMARY KEY (region, n),
    CONSTRAINT account_request_asked UNIQUE (region, n, actor),
    FOREIGN KEY (region, actor) REFERENCES account_user,
    CONSTRAINT account_request_reason CHECK (reason <> ''),
    CONSTRAINT account_request_change CHECK ((old_bank, old_account, old_holder) <> (bank, account, holder))
);
CREATE INDEX account_request_person ON account_request (region, person);

CREATE TABLE account_answer (
    region  integer NOT NULL,
    n       integer NOT NULL,                   -- of the request
    rev     bigint  NOT NULL,                   -- of the person's new row where granted
    granted boolean NOT NULL,
    asked   text COLLATE "C" NOT NULL,          -- who asked, said again for the constraint
    actor   text COLLATE "C" NOT NULL,
    reason  text    NOT NULL,
    PRIMARY KEY (region, n),
    FOREIGN KEY (region, n, asked) REFERENCES account_request (region, n, actor),
    FOREIGN KEY (region, actor) REFERENCES account_user,
    CONSTRAINT account_answer_four_eyes CHECK (actor <> asked),
    CONSTRAINT account_answer_reason CHECK (granted OR reason <> '')
);

GRANT SELECT, INSERT ON account_request, account_answer TO disburse_app;
