-- The core: revisions and journal, knowledge dated twice, batches, lines, ledger, payments.
--
-- Region first: every primary and foreign key starts with region (six-digit division
-- code), so one installation can hold a province and a district's work stays together.
-- Months are kept as their first day. Amounts are whole 分 (bigint). Text that is a key
-- is compared byte by byte (COLLATE "C"), so the order never depends on the machine.
-- Bulk tables carry no foreign keys: checking them costs more than the whole run, and
-- their rows are written only together with what they refer to, in one transaction.

CREATE TABLE region (
    region        integer PRIMARY KEY,          -- 行政区划代码
    name          text    NOT NULL,
    opening_month date,                         -- 期初月: no month before it is ever computed; set by the first run
    head          bigint  NOT NULL DEFAULT 0,   -- the last revision
    head_hash     bytea   NOT NULL,             -- the journal's last hash
    next_person   bigint  NOT NULL DEFAULT 1,
    CONSTRAINT region_code CHECK (region BETWEEN 100000 AND 999999),
    CONSTRAINT region_opening_is_month CHECK (extract(day FROM opening_month) = 1)
);

-- One row a transaction that changed knowledge or money, chained by hash.
CREATE TABLE journal (
    region    integer     NOT NULL REFERENCES region,
    rev       bigint      NOT NULL,
    at        timestamptz NOT NULL,
    actor     text        NOT NULL,             -- user of the program, or os:NAME
    origin    text        NOT NULL,             -- host it was done from
    action    text        NOT NULL,
    subject   text        NOT NULL,             -- what it was done to: file name, batch, person
    reason    text        NOT NULL,
    digest    text        NOT NULL,             -- of what was done (rows, lines, file), hex SHA-256
    summary   text        NOT NULL,             -- counts and sums, for people
    algorithm text        NOT NULL,             -- how hash is computed
    previous  bytea       NOT NULL,
    hash      bytea       NOT NULL,
    PRIMARY KEY (region, rev),
    CONSTRAINT journal_rev_positive CHECK (rev > 0)
);

-- Runs of a region take turns on this row, so that they need not hold the region's
-- own row, which imports wait for, while they compute.
CREATE TABLE run_turn (
    region integer PRIMARY KEY REFERENCES region
);

CREATE TABLE pack (
    region  integer NOT NULL REFERENCES region,
    hash    text    NOT NULL,                   -- hex SHA-256 of body
    rev     bigint  NOT NULL,                   -- when it was first used
    body    text    NOT NULL,
    PRIMARY KEY (region, hash)
);

-- Knowledge about people: a new row a revision, nothing is overwritten.
CREATE TABLE person (
    region          integer NOT NULL,
    person          bigint  NOT NULL,
    rev             bigint  NOT NULL,
    id_number       text COLLATE "C" NOT NULL,  -- 身份证号 or 临-…
    name            text    NOT NULL,
    street          text    NOT NULL,           -- 街道
    community       text    NOT NULL,           -- 社区
    address         text    NOT NULL,
    phone           text    NOT NULL,
    birth           date    NOT NULL,
    moved_in        date,                       -- 迁入日期
    moved_out       date,                       -- 迁出日期
    died            date,                       -- 死亡日期
    bank            text    NOT NULL,           -- 开户银行
    account         text COLLATE "C" NOT NULL,  -- 银行账号; empty: none
    holder          text    NOT NULL,           -- 账户户名; empty: the person
    deputy          text    NOT NULL,           -- 代领人
    deputy_relation text    NOT NULL,           -- 代领关系
    deputy_reason   text    NOT NULL,           -- 代领原因
    PRIMARY KEY (region, person, rev)
);
CREATE INDEX person_id_number ON person (region, id_number);
-- Which people a later revision touched.
CREATE INDEX person_rev ON person (region, rev) WHERE rev > 1;

-- The whole history of one fact of one person is the unit: a revision restates it;
-- a single row with n = 0 and no value withdraws it.
CREATE TABLE fact (
    region integer  NOT NULL,
    person bigint   NOT NULL,
    fact   text COLLATE "C" NOT NULL,
    rev    bigint   NOT NULL,
    n      smallint NOT NULL,                   -- 1 … within the history; 0: none
    since  date,                                -- 起, inclusive
    until  date,                                -- 止, inclusive; null: open
    value  text     NOT NULL,
    basis  text     NOT NULL,                   -- 依据
    PRIMARY KEY (region, person, fact, rev, n),
    CONSTRAINT fact_since CHECK (n = 0 OR since IS NOT NULL),
    CONSTRAINT fact_order CHECK (until >= since)
);
CREATE INDEX fact_rev ON fact (region, rev) WHERE rev > 1;

-- 核定金额: the unit is the history of one item of one person.
CREATE TABLE award (
    region      integer  NOT NULL,
    person      bigint   NOT NULL,
    item        text COLLATE "C" NOT NULL,
    rev         bigint   NOT NULL,
    n           smallint NOT NULL,              -- 0: none
    amount      bigint   NOT NULL,              -- 分 a month
    first_month date,
    last_month  date,                           -- null: open
    payee       text     NOT NULL,              -- 收款单位; empty: none named
    basis       text     NOT NULL,
    PRIMARY KEY (region, person, item, rev, n),
    CONSTRAINT award_amount CHECK ((n = 0 AND amount = 0) OR (n > 0 AND amount > 0 AND first_month IS NOT NULL)),
    CONSTRAINT award_order CHECK (last_month >= first_month)
);
CREATE INDEX award_rev ON award (region, rev) WHERE rev > 1;

-- 收款单位: institutions and bureaus that are paid instead of a person.
CREATE TABLE payee (
    region  integer NOT NULL,
    name    text COLLATE "C" NOT NULL,
    rev     bigint  NOT NULL,
    bank    text    NOT NULL,
    account text COLLATE "C" NOT NULL,
    holder  text    NOT NULL,
    PRIMARY KEY (region, name, rev)
);

-- What people sign: one bureau, one month, number n.
CREATE TABLE batch (
    region   integer  NOT NULL REFERENCES region,
    batch    integer  NOT NULL,
    month    date     NOT NULL,
    bureau   text COLLATE "C" NOT NULL,
    n        smallint NOT NULL,
    state    text     NOT NULL,
    round    smallint NOT NULL DEFAULT 1,       -- signing round; a return begins the next
    revision bigint   NOT NULL,                 -- what was known when it was computed
    pack     text     NOT NULL,
    digest   text     NOT NULL,                 -- over everything that is signed
    lines    integer  NOT NULL,
    heads    integer  NOT NULL,
    pays     bigint   NOT NULL,                 -- 分, not held, 扣回 netted
    held     bigint   NOT NULL,                 -- 分
    approved_rev bigint,                        -- the revision of its ledger entries
    sent_rev     bigint,                        -- handed to the bank
    PRIMARY KEY (region, batch),
    CONSTRAINT batch_once UNIQUE (region, month, bureau, n),
    CONSTRAINT batch_state CHECK (state IN ('open', 'submitted', 'reviewed', 'approved', 'returned', 'carried', 'voided')),
    CONSTRAINT batch_month CHECK (extract(day FROM month) = 1),
    CONSTRAINT batch_approved CHECK ((state IN ('approved', 'voided')) = (approved_rev IS NOT NULL)),
    CONSTRAINT batch_sent CHECK (sent_rev IS NULL OR state = 'approved'),
    FOREIGN KEY (region, pack) REFERENCES pack
);

CREATE TABLE batch_item (
    region   integer NOT NULL,
    batch    integer NOT NULL,
    item     text COLLATE "C" NOT NULL,
    heads    integer NOT NULL,                  -- people with a line that is not held
    current  bigint  NOT NULL,                  -- 当月, 分
    arrears  bigint  NOT NULL,                  -- 补发
    recovery bigint  NOT NULL,                  -- 扣回, negative
    held     bigint  NOT NULL,                  -- 暂缓
    PRIMARY KEY (region, batch, item),
    FOREIGN KEY (region, batch) REFERENCES batch
);

-- Lines of batches that are not approved; a run replaces them.
CREATE TABLE draft_line (
    region    integer  NOT NULL,
    batch     integer  NOT NULL,
    person    bigint   NOT NULL,
    item      text COLLATE "C" NOT NULL,
    payee     text COLLATE "C" NOT NULL,        -- 本人, or the institution or bureau paid
    month     date     NOT NULL,                -- the month paid for
    against   text COLLATE "C" NOT NULL,        -- the item whose payment carries a 扣回; else the item
    kind      smallint NOT NULL,                -- 1 当月, 2 补发, 3 扣回
    amount    bigint   NOT NULL,                -- 分
    hold      smallint NOT NULL,                -- set of reasons: 1 无账户 2 账户无效 4 已故待领 8 暂停发放 16 疑点未决
    id_number text COLLATE "C" NOT NULL,
    name      text     NOT NULL,
    street    text     NOT NULL,
    community text     NOT NULL,
    bank      text     NOT NULL,                -- the payee's account as known at the batch's revision
    account   text COLLATE "C" NOT NULL,
    holder    text     NOT NULL,
    PRIMARY KEY (region, batch, person, item, payee, month, against),
    CONSTRAINT line_kind CHECK (kind BETWEEN 1 AND 3),
    CONSTRAINT line_sign CHECK ((kind = 3 AND amount < 0 AND hold = 0) OR (kind < 3 AND amount > 0)),
    CONSTRAINT line_payable CHECK (hold <> 0 OR kind = 3 OR account <> '')
);

-- Lines of approved batches: the same, for ever, with the payment that carries them.
CREATE TABLE line (
    LIKE draft_line INCLUDING CONSTRAINTS,
    file      smallint,                         -- payment (batch, file, seq); null: held, or netted to nothing
    seq       integer,
    PRIMARY KEY (region, batch, person, item, payee, month, against),
    CONSTRAINT line_payment CHECK ((file IS NULL) = (seq IS NULL) AND (hold = 0 OR file IS NULL))
);
-- A person's page and the search for the last account paid to.
CREATE INDEX line_person ON line (region, person);

-- Negative dues that a batch could not net. Derived from ledger and knowledge, so it is replaced with its batch.
CREATE TABLE debt (
    region    integer NOT NULL,
    batch     integer NOT NULL,
    person    bigint  NOT NULL,
    item      text COLLATE "C" NOT NULL,
    payee     text COLLATE "C" NOT NULL,
    month     date    NOT NULL,
    amount    bigint  NOT NULL,                 -- 分, what is open
    id_number text COLLATE "C" NOT NULL,
    name      text    NOT NULL,
    street    text    NOT NULL,
    PRIMARY KEY (region, batch, person, item, payee, month),
    CONSTRAINT debt_positive CHECK (amount > 0)
);

-- Debts found by a run after a batch was approved, where nothing else was due and so
-- no supplementary batch was made: the register as it is now, until the next batch.
CREATE TABLE later_register (
    region   integer NOT NULL,
    batch    integer NOT NULL,                  -- the approved batch it follows
    revision bigint  NOT NULL,
    PRIMARY KEY (region, batch),
    FOREIGN KEY (region, batch) REFERENCES batch
);

CREATE TABLE later_debt (
    LIKE debt INCLUDING CONSTRAINTS,
    PRIMARY KEY (region, batch, person, item, payee, month)
);

-- What a run found (policy §6).
CREATE TABLE finding (
    region   integer  NOT NULL,
    batch    integer  NOT NULL,
    id       text COLLATE "C" NOT NULL,         -- stable: the same evidence gives the same id
    person   bigint   NOT NULL,                 -- 0: not about one person; a couple that shares an account has one id
    level    smallint NOT NULL,                 -- 1 blocking, 2 疑点, 3 to acknowledge, 4 for information
    kind     text     NOT NULL,
    item     text     NOT NULL,
    sentence text     NOT NULL,                 -- what, who, evidence
    PRIMARY KEY (region, batch, id, person),
    CONSTRAINT finding_level CHECK (level BETWEEN 1 AND 4)
);

CREATE TABLE decision (
    region  integer NOT NULL REFERENCES region,
    id      text COLLATE "C" NOT NULL,          -- of the finding; holds until its evidence, and so its id, changes
    rev     bigint  NOT NULL,
    release boolean NOT NULL,                   -- pay, or keep holding
    actor   text    NOT NULL,
    reason  text    NOT NULL,
    PRIMARY KEY (region, id, rev),
    CONSTRAINT decision_reason CHECK (reason <> '')
);

CREATE TABLE account_user (
    region   integer NOT NULL REFERENCES region,
    name     text COLLATE "C" NOT NULL,
    post     text    NOT NULL,
    bureau   text    NOT NULL,                  -- empty for 管理 and 审计 of the whole region
    password text    NOT NULL,                  -- argon2id, PHC string
    active   boolean NOT NULL DEFAULT true,
    failures smallint NOT NULL DEFAULT 0,       -- wrong passwords in a row
    locked_until timestamptz,
    PRIMARY KEY (region, name),
    CONSTRAINT user_post CHECK (post IN ('经办', '复核', '审批', '管理', '审计')),
    CONSTRAINT user_bureau CHECK (bureau <> '' OR post IN ('管理', '审计'))
);

-- Four eyes: a round has each post once, and nobody twice.
CREATE TABLE signature (
    region integer     NOT NULL,
    batch  integer     NOT NULL,
    round  smallint    NOT NULL,
    post   text        NOT NULL,                -- 经办, 复核, 审批; 退回 ends a round
    actor  text COLLATE "C" NOT NULL,
    at     timestamptz NOT NULL,
    rev    bigint      NOT NULL,
    digest text        NOT NULL,                -- the batch's digest that was signed
    reason text        NOT NULL,
    -- The post that must have signed this round before: nobody can skip one.
    after  text GENERATED ALWAYS AS (CASE post WHEN '复核' THEN '经办' WHEN '审批' THEN '复核' END) STORED,
    PRIMARY KEY (region, batch, round, post),
    FOREIGN KEY (region, batch) REFERENCES batch,
    CONSTRAINT signature_order FOREIGN KEY (region, batch, round, after) REFERENCES signature (region, batch, round, post),
    FOREIGN KEY (region, actor) REFERENCES account_user,
    CONSTRAINT signature_post CHECK (post IN ('经办', '复核', '审批', '退回')),
    CONSTRAINT signature_return_reason CHECK (post <> '退回' OR reason <> '')
);
CREATE UNIQUE INDEX signature_different_people ON signature (region, batch, round, actor) WHERE post <> '退回';

CREATE TABLE acknowledgement (
    region  integer  NOT NULL,
    batch   integer  NOT NULL,
    round   smallint NOT NULL,
    id      text COLLATE "C" NOT NULL,          -- of the finding
    actor   text     NOT NULL,
    reason  text     NOT NULL,
    PRIMARY KEY (region, batch, round, id),
    CONSTRAINT acknowledgement_reason CHECK (reason <> '')
);

-- Settled = the sum of these, for ever. Only grows.
CREATE TABLE ledger (
    region  integer  NOT NULL,
    person  bigint   NOT NULL,
    item    text COLLATE "C" NOT NULL,
    payee   text COLLATE "C" NOT NULL,
    month   date     NOT NULL,                  -- benefit month
    rev     bigint   NOT NULL,
    against text COLLATE "C" NOT NULL,
    kind    smallint NOT NULL,                  -- 1 approved line, 2 returned payment, 3 voided batch, 4 collected, 5 期初
    amount  bigint   NOT NULL,                  -- 分; added to what is settled
    batch   integer  NOT NULL,                  -- 0: none
    PRIMARY KEY (region, person, item, payee, month, rev, against, batch),
    CONSTRAINT ledger_kind CHECK (kind BETWEEN 1 AND 5),
    CONSTRAINT ledger_not_zero CHECK (amount <> 0),
    CONSTRAINT ledger_batch CHECK (kind > 3 OR batch > 0)
);
-- What touched somebody since the last run, apart from approvals.
CREATE INDEX ledger_touched ON ledger (region, rev) WHERE kind <> 1;

-- 核销: a waiver stands beside the ledger; it never creates a positive due.
CREATE TABLE waiver (
    region integer NOT NULL,
    person bigint  NOT NULL,
    item   text COLLATE "C" NOT NULL,
    payee  text COLLATE "C" NOT NULL,
    month  date    NOT NULL,
    rev    bigint  NOT NULL,
    amount bigint  NOT NULL,                    -- 分
    actor  text    NOT NULL,
    approver text  NOT NULL,
    reason text    NOT NULL,
    PRIMARY KEY (region, person, item, payee, month, rev),
    CONSTRAINT waiver_positive CHECK (amount > 0),
    CONSTRAINT waiver_reason CHECK (reason <> ''),
    CONSTRAINT waiver_four_eyes CHECK (actor <> approver)
);

CREATE TABLE payment_file (
    region integer  NOT NULL,
    batch  integer  NOT NULL,
    file   smallint NOT NULL,
    number text COLLATE "C" NOT NULL,           -- 140213-202611-MZ-1-003
    bank   text     NOT NULL,
    rows   integer  NOT NULL,
    amount bigint   NOT NULL,                   -- 分
    PRIMARY KEY (region, batch, file),
    CONSTRAINT payment_file_number UNIQUE (region, number),
    FOREIGN KEY (region, batch) REFERENCES batch
);

CREATE TABLE payment (
    region    integer  NOT NULL,
    batch     integer  NOT NULL,
    file      smallint NOT NULL,
    seq       integer  NOT NULL,                -- 序号 within the file
    person    bigint,                           -- null: an institution or bureau
    payee     text     NOT NULL,
    item      text COLLATE "C" NOT NULL,
    amount    bigint   NOT NULL,                -- 分
    bank      text     NOT NULL,
    account   text COLLATE "C" NOT NULL,
    holder    text     NOT NULL,                -- 户名
    id_number text     NOT NULL,                -- empty for an institution
    PRIMARY KEY (region, batch, file, seq),
    CONSTRAINT payment_positive CHECK (amount > 0),
    CONSTRAINT payment_account CHECK (account <> '')
);

-- What the bank answered (回盘); a payment without a row is unknown.
CREATE TABLE payment_result (
    region  integer  NOT NULL,
    batch   integer  NOT NULL,
    file    smallint NOT NULL,
    seq     integer  NOT NULL,
    rev     bigint   NOT NULL,
    outcome smallint NOT NULL,                  -- 1 paid, 2 failed, 3 unknown
    code    text     NOT NULL,
    reason  text     NOT NULL,
    account text COLLATE "C" NOT NULL,          -- the account that was refused or paid
    PRIMARY KEY (region, batch, file, seq, rev),
    CONSTRAINT payment_result_outcome CHECK (outcome BETWEEN 1 AND 3)
);
CREATE UNIQUE INDEX payment_result_final ON payment_result (region, batch, file, seq) WHERE outcome < 3;
-- Accounts that a bank refused.
CREATE INDEX payment_result_refused ON payment_result (region, account) WHERE outcome = 2;

-- The role the program runs under may only read and add where things only grow.
GRANT SELECT, INSERT ON journal, pack, person, fact, award, payee, decision, signature, acknowledgement,
    line, ledger, waiver, payment_file, payment, payment_result TO disburse_app;
GRANT SELECT, INSERT, UPDATE ON region, run_turn, batch, account_user TO disburse_app;
GRANT SELECT, INSERT, DELETE ON draft_line, debt, later_register, later_debt, finding, batch_item TO disburse_app;
