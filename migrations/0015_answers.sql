-- What banks have answered, added up by file: a page must not go through a million answers.
-- Derived from payment_result and payment, and written by the change that takes answers in;
-- `audit verify` adds up again. A file without a row has no answers.
CREATE TABLE answer_sum (
    region  integer  NOT NULL,
    batch   integer  NOT NULL,
    file    smallint NOT NULL,
    paid    integer  NOT NULL,                  -- payments whose last answer is 1 paid
    paid_amount    bigint  NOT NULL,            -- 分
    failed         integer NOT NULL,            -- 2 failed
    failed_amount  bigint  NOT NULL,
    unknown        integer NOT NULL,            -- 3 unknown
    unknown_amount bigint  NOT NULL,
    PRIMARY KEY (region, batch, file),
    FOREIGN KEY (region, batch, file) REFERENCES payment_file,
    CONSTRAINT answer_sum_positive CHECK (least(paid, failed, unknown, paid_amount, failed_amount, unknown_amount) >= 0)
);

INSERT INTO answer_sum
SELECT region, batch, file, count(*) FILTER (WHERE outcome = 1), coalesce(sum(amount) FILTER (WHERE outcome = 1), 0),
       count(*) FILTER (WHERE outcome = 2), coalesce(sum(amount) FILTER (WHERE outcome = 2), 0),
       count(*) FILTER (WHERE outcome = 3), coalesce(sum(amount) FILTER (WHERE outcome = 3), 0)
FROM (SELECT DISTINCT ON (region, batch, file, seq) region, batch, file, seq, outcome
      FROM payment_result ORDER BY region, batch, file, seq, rev DESC) last
JOIN payment USING (region, batch, file, seq) GROUP BY region, batch, file;

GRANT SELECT, INSERT ON answer_sum TO disburse_app;
GRANT UPDATE (paid, paid_amount, failed, failed_amount, unknown, unknown_amount) ON answer_sum TO disburse_app;
