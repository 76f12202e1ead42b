-- Who else brought what a request asks for. A newer request takes over what its workbook
-- says nothing of (the account, or the 代领人) from the one that waited, and with it those
-- who brought that: none of them may answer, any more than who brought the newer one.
CREATE TABLE request_brought (
    region integer NOT NULL,
    n      integer NOT NULL,                    -- of the request
    rev    bigint  NOT NULL,
    actor  text COLLATE "C" NOT NULL,           -- a user, or os:NAME; never the request's own actor
    PRIMARY KEY (region, n, actor),
    FOREIGN KEY (region, n) REFERENCES account_request
);

GRANT SELECT, INSERT ON request_brought TO disburse_app;
