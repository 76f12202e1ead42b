-- Match lists (比对名单): lists from other offices, such as deaths, matched against the
-- roster. The newest list of a kind is all that the kind says: whoever is not on it is
-- no longer a hit. Knowledge like the roster's: a list takes a revision, nothing is
-- overwritten, and a run reads what was known at its own revision.

CREATE TABLE match_list (
    region   integer NOT NULL REFERENCES region,
    kind     text COLLATE "C" NOT NULL,         -- the pack's name of the list: 死亡, 公安
    rev      bigint  NOT NULL,
    file     text    NOT NULL,
    digest   text    NOT NULL,                  -- of what the list says; the same again takes no revision
    rows     integer NOT NULL,                  -- that could be read
    PRIMARY KEY (region, kind, rev)
);

-- Rows of a list that match somebody on the roster, where the pack asks for hits.
CREATE TABLE match_hit (
    region    integer  NOT NULL,
    kind      text COLLATE "C" NOT NULL,
    person    bigint   NOT NULL,
    rev       bigint   NOT NULL,
    n         integer  NOT NULL,                -- 1 … of the person's rows in the list
    how       smallint NOT NULL,                -- 1 身份证号 2 原身份证号 3 姓名和出生日期 4 the same, several such people
    id_number text COLLATE "C" NOT NULL,        -- as the list has it; empty: none
    name      text     NOT NULL,
    birth     date,
    dated     date,                             -- 日期 of the list: of death, of admission …; null: none
    street    text     NOT NULL,
    note      text     NOT NULL,
    PRIMARY KEY (region, kind, person, rev, n),
    FOREIGN KEY (region, kind, rev) REFERENCES match_list,
    CONSTRAINT match_hit_how CHECK (how BETWEEN 1 AND 4)
);
CREATE INDEX match_hit_list ON match_hit (region, kind, rev);

GRANT SELECT, INSERT ON match_list, match_hit TO disburse_app;
