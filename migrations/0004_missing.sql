-- 应享未享: rows of the newest list of a kind that look for people who are not on the
-- roster. A run asks the pack what they would get, and reminds of those it grants something.
CREATE TABLE match_missing (
    region    integer NOT NULL,
    kind      text COLLATE "C" NOT NULL,
    rev       bigint  NOT NULL,
    n         integer NOT NULL,                 -- 1 … of the list's rows that match nobody
    id_number text COLLATE "C" NOT NULL,        -- empty: none
    name      text    NOT NULL,
    birth     date    NOT NULL,                 -- rows without one are in the match report only
    street    text    NOT NULL,
    PRIMARY KEY (region, kind, rev, n),
    FOREIGN KEY (region, kind, rev) REFERENCES match_list
);

GRANT SELECT, INSERT ON match_missing TO disburse_app;
