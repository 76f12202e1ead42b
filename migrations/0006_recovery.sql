-- Recovery (追缴): waivers that wait for a second person, and agreements to pay back by
-- instalments. What was collected is in ledger (kind 4), what was waived in waiver.

-- 核销申请: somebody asks; only the answer of another person makes the waiver.
CREATE TABLE waiver_request (
    region integer NOT NULL REFERENCES region,
    n      integer NOT NULL,                    -- 申请号, counted up in the region
    rev    bigint  NOT NULL,
    person bigint  NOT NULL,
    item   text COLLATE "C" NOT NULL,
    payee  text COLLATE "C" NOT NULL,
    month  date    NOT NULL,                    -- benefit month of the debt
    amount bigint  NOT NULL,                    -- 分, at most what is open
    bureau text COLLATE "C" NOT NULL,           -- lead bureau of the item
    actor  text COLLATE "C" NOT NULL,           -- who asks
    reason text    NOT NULL,
    PRIMARY KEY (region, n),
    CONSTRAINT waiver_request_asked UNIQUE (region, n, actor),
    FOREIGN KEY (region, actor) REFERENCES account_user,
    CONSTRAINT waiver_request_positive CHECK (amount > 0),
    CONSTRAINT waiver_request_reason CHECK (reason <> '')
);

CREATE TABLE waiver_answer (
    region  integer NOT NULL,
    n       integer NOT NULL,                   -- of the request
    rev     bigint  NOT NULL,                   -- of the waiver where granted
    granted boolean NOT NULL,                   -- false: refused, or withdrawn by who asked
    asked   text COLLATE "C" NOT NULL,          -- who asked, said again for the constraint
    actor   text COLLATE "C" NOT NULL,
    reason  text    NOT NULL,
    PRIMARY KEY (region, n),
    FOREIGN KEY (region, n, asked) REFERENCES waiver_request (region, n, actor),
    FOREIGN KEY (region, actor) REFERENCES account_user,
    CONSTRAINT waiver_answer_four_eyes CHECK (NOT granted OR actor <> asked),
    CONSTRAINT waiver_answer_reason CHECK (granted OR reason <> '')
);

-- 分期还款: an agreement about debts that are open. It changes nothing that is netted;
-- of a person and bureau the newest one counts.
CREATE TABLE recovery_plan (
    region      integer  NOT NULL REFERENCES region,
    n           integer  NOT NULL,              -- counted up in the region
    rev         bigint   NOT NULL,
    person      bigint   NOT NULL,
    bureau      text COLLATE "C" NOT NULL,
    amount      bigint   NOT NULL,              -- 分, all instalments
    first_month date,                           -- of the first instalment
    months      smallint NOT NULL,              -- number of instalments; 0: the agreement is ended
    actor       text COLLATE "C" NOT NULL,
    reason      text     NOT NULL,
    PRIMARY KEY (region, n),
    FOREIGN KEY (region, actor) REFERENCES account_user,
    CONSTRAINT recovery_plan_sum CHECK ((months = 0 AND amount = 0 AND first_month IS NULL)
        OR (months BETWEEN 1 AND 120 AND amount >= months AND extract(day FROM first_month) = 1)),
    CONSTRAINT recovery_plan_reason CHECK (reason <> '')
);
CREATE INDEX recovery_plan_person ON recovery_plan (region, person);

-- Which debts an agreement is about, and how much of each.
CREATE TABLE recovery_plan_debt (
    region integer NOT NULL,
    n      integer NOT NULL,
    item   text COLLATE "C" NOT NULL,
    payee  text COLLATE "C" NOT NULL,
    month  date    NOT NULL,
    amount bigint  NOT NULL,                    -- 分
    PRIMARY KEY (region, n, item, payee, month),
    FOREIGN KEY (region, n) REFERENCES recovery_plan,
    CONSTRAINT recovery_plan_debt_positive CHECK (amount > 0)
);

GRANT SELECT, INSERT ON waiver_request, waiver_answer, recovery_plan, recovery_plan_debt TO disburse_app;

-- 期初: what a workbook of opening entries stated for a key. The newest row is what is
-- stated now; ledger has the differences (kind 5).
CREATE TABLE opening_statement (
    region integer NOT NULL,
    person bigint  NOT NULL,
    item   text COLLATE "C" NOT NULL,
    payee  text COLLATE "C" NOT NULL,
    month  date    NOT NULL,
    rev    bigint  NOT NULL,
    amount bigint  NOT NULL,                    -- 分; above 0 overpaid by the old system, below 0 still owed
    basis  text    NOT NULL,                    -- 依据
    PRIMARY KEY (region, person, item, payee, month, rev)
);

GRANT SELECT, INSERT ON opening_statement TO disburse_app;
