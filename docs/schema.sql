-- The schema as all migrations leave it: what a reader wants to see in one place instead
-- of adding up CREATE and ALTER of twenty files. Written by `make schema` from the
-- catalogue of a migrated database and compared with it by the tests; for reading only,
-- the program runs migrations/. Reasons stand there, and under "also" where later files
-- changed a table. The schema "river" is the job queue's and comes from its library.

-- ==== by the program itself (internal/postgres/migrate.go)

CREATE TABLE schema_migration (
    version integer NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT schema_migration_pkey PRIMARY KEY (version),
    CONSTRAINT schema_migration_positive CHECK ((version > 0))
);
GRANT SELECT ON schema_migration TO disburse_app;

-- ==== migrations/0001_core.sql

CREATE TABLE region (
    region integer NOT NULL,
    name text NOT NULL,
    opening_month date,
    head bigint DEFAULT 0 NOT NULL,
    head_hash bytea NOT NULL,
    next_person bigint DEFAULT 1 NOT NULL,
    CONSTRAINT region_pkey PRIMARY KEY (region),
    CONSTRAINT region_code CHECK (((region >= 100000) AND (region <= 999999))),
    CONSTRAINT region_opening_is_month CHECK ((EXTRACT(day FROM opening_month) = (1)::numeric))
);
GRANT SELECT, INSERT ON region TO disburse_app;
GRANT UPDATE (opening_month, head, head_hash, next_person) ON region TO disburse_app;

-- also 0009_audit.sql
CREATE TABLE journal (
    region integer NOT NULL,
    rev bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    origin text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    reason text NOT NULL,
    digest text NOT NULL,
    summary text NOT NULL,
    algorithm text NOT NULL,
    previous bytea NOT NULL,
    hash bytea NOT NULL,
    rows_digest text DEFAULT ''::text NOT NULL,
    before_digest text DEFAULT ''::text NOT NULL,
    after_digest text DEFAULT ''::text NOT NULL,
    CONSTRAINT journal_pkey PRIMARY KEY (region, rev),
    CONSTRAINT journal_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT journal_rev_positive CHECK ((rev > 0))
);
COMMENT ON COLUMN journal.rows_digest IS 'hex SHA-256 over row_digest of the revision; empty: it wrote no rows where things only grow';
COMMENT ON COLUMN journal.before_digest IS 'of what was known before of everything the revision restated; empty: it restated nothing';
COMMENT ON COLUMN journal.after_digest IS 'of the same as known from the revision on';
GRANT SELECT, INSERT ON journal TO disburse_app;

CREATE TABLE run_turn (
    region integer NOT NULL,
    CONSTRAINT run_turn_pkey PRIMARY KEY (region),
    CONSTRAINT run_turn_region_fkey FOREIGN KEY (region) REFERENCES region(region)
);
GRANT SELECT, INSERT, UPDATE ON run_turn TO disburse_app;

CREATE TABLE pack (
    region integer NOT NULL,
    hash text NOT NULL,
    rev bigint NOT NULL,
    body text NOT NULL,
    CONSTRAINT pack_pkey PRIMARY KEY (region, hash),
    CONSTRAINT pack_region_fkey FOREIGN KEY (region) REFERENCES region(region)
);
GRANT SELECT, INSERT ON pack TO disburse_app;

-- also 0009_audit.sql
CREATE TABLE person (
    region integer NOT NULL,
    person bigint NOT NULL,
    rev bigint NOT NULL,
    id_number text COLLATE "C" NOT NULL,
    name text NOT NULL,
    street text NOT NULL,
    community text NOT NULL,
    address text NOT NULL,
    phone text NOT NULL,
    birth date NOT NULL,
    moved_in date,
    moved_out date,
    died date,
    bank text NOT NULL,
    account text COLLATE "C" NOT NULL,
    holder text NOT NULL,
    deputy text NOT NULL,
    deputy_relation text NOT NULL,
    deputy_reason text NOT NULL,
    CONSTRAINT person_pkey PRIMARY KEY (region, person, rev)
);
CREATE INDEX person_id_number ON public.person USING btree (region, id_number);
CREATE INDEX person_rev ON public.person USING btree (region, rev) WHERE (rev > 1);
CREATE INDEX person_revision ON public.person USING brin (rev);
GRANT SELECT, INSERT ON person TO disburse_app;

-- also 0009_audit.sql
CREATE TABLE fact (
    region integer NOT NULL,
    person bigint NOT NULL,
    fact text COLLATE "C" NOT NULL,
    rev bigint NOT NULL,
    n smallint NOT NULL,
    since date,
    until date,
    value text NOT NULL,
    basis text NOT NULL,
    CONSTRAINT fact_pkey PRIMARY KEY (region, person, fact, rev, n),
    CONSTRAINT fact_order CHECK ((until >= since)),
    CONSTRAINT fact_since CHECK (((n = 0) OR (since IS NOT NULL)))
);
CREATE INDEX fact_rev ON public.fact USING btree (region, rev) WHERE (rev > 1);
CREATE INDEX fact_revision ON public.fact USING brin (rev);
GRANT SELECT, INSERT ON fact TO disburse_app;

-- also 0009_audit.sql
CREATE TABLE award (
    region integer NOT NULL,
    person bigint NOT NULL,
    item text COLLATE "C" NOT NULL,
    rev bigint NOT NULL,
    n smallint NOT NULL,
    amount bigint NOT NULL,
    first_month date,
    last_month date,
    payee text NOT NULL,
    basis text NOT NULL,
    CONSTRAINT award_pkey PRIMARY KEY (region, person, item, rev, n),
    CONSTRAINT award_amount CHECK ((((n = 0) AND (amount = 0)) OR ((n > 0) AND (amount > 0) AND (first_month IS NOT NULL)))),
    CONSTRAINT award_order CHECK ((last_month >= first_month))
);
CREATE INDEX award_rev ON public.award USING btree (region, rev) WHERE (rev > 1);
CREATE INDEX award_revision ON public.award USING brin (rev);
GRANT SELECT, INSERT ON award TO disburse_app;

CREATE TABLE payee (
    region integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    rev bigint NOT NULL,
    bank text NOT NULL,
    account text COLLATE "C" NOT NULL,
    holder text NOT NULL,
    CONSTRAINT payee_pkey PRIMARY KEY (region, name, rev)
);
GRANT SELECT, INSERT ON payee TO disburse_app;

-- also 0007_seal.sql, 0008_bands.sql, 0011_guards.sql
CREATE TABLE batch (
    region integer NOT NULL,
    batch integer NOT NULL,
    month date NOT NULL,
    bureau text COLLATE "C" NOT NULL,
    n smallint NOT NULL,
    state text NOT NULL,
    round smallint DEFAULT 1 NOT NULL,
    revision bigint NOT NULL,
    pack text NOT NULL,
    digest text NOT NULL,
    lines integer NOT NULL,
    heads integer NOT NULL,
    pays bigint NOT NULL,
    held bigint NOT NULL,
    approved_rev bigint,
    sent_rev bigint,
    CONSTRAINT batch_pkey PRIMARY KEY (region, batch),
    CONSTRAINT batch_once UNIQUE (region, month, bureau, n),
    CONSTRAINT batch_sealed UNIQUE (region, batch, month, bureau, n, round, revision, pack, digest, lines, heads, pays, held, approved_rev),
    CONSTRAINT batch_sent_once UNIQUE (region, batch, sent_rev),
    CONSTRAINT batch_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT batch_region_pack_fkey FOREIGN KEY (region, pack) REFERENCES pack(region, hash),
    CONSTRAINT batch_approved CHECK (((state = ANY (ARRAY['approved'::text, 'voided'::text])) = (approved_rev IS NOT NULL))),
    CONSTRAINT batch_month CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
    CONSTRAINT batch_sent CHECK (((sent_rev IS NULL) OR (state = 'approved'::text))),
    CONSTRAINT batch_state CHECK ((state = ANY (ARRAY['open'::text, 'submitted'::text, 'reviewed'::text, 'endorsed'::text, 'approved'::text, 'returned'::text, 'carried'::text, 'voided'::text])))
);
COMMENT ON COLUMN batch.state IS 'open 待提交, submitted 待复核, reviewed 待审批, endorsed 待终审, approved 已审批, returned 已退回, carried 已结转, voided 已作废';
GRANT SELECT, INSERT ON batch TO disburse_app;
GRANT UPDATE (state, round, revision, pack, digest, lines, heads, pays, held, approved_rev, sent_rev) ON batch TO disburse_app;

CREATE TABLE batch_item (
    region integer NOT NULL,
    batch integer NOT NULL,
    item text COLLATE "C" NOT NULL,
    heads integer NOT NULL,
    current bigint NOT NULL,
    arrears bigint NOT NULL,
    recovery bigint NOT NULL,
    held bigint NOT NULL,
    CONSTRAINT batch_item_pkey PRIMARY KEY (region, batch, item),
    CONSTRAINT batch_item_region_batch_fkey FOREIGN KEY (region, batch) REFERENCES batch(region, batch)
);
GRANT SELECT, INSERT, DELETE ON batch_item TO disburse_app;

CREATE TABLE draft_line (
    region integer NOT NULL,
    batch integer NOT NULL,
    person bigint NOT NULL,
    item text COLLATE "C" NOT NULL,
    payee text COLLATE "C" NOT NULL,
    month date NOT NULL,
    against text COLLATE "C" NOT NULL,
    kind smallint NOT NULL,
    amount bigint NOT NULL,
    hold smallint NOT NULL,
    id_number text COLLATE "C" NOT NULL,
    name text NOT NULL,
    street text NOT NULL,
    community text NOT NULL,
    bank text NOT NULL,
    account text COLLATE "C" NOT NULL,
    holder text NOT NULL,
    CONSTRAINT draft_line_pkey PRIMARY KEY (region, batch, person, item, payee, month, against),
    CONSTRAINT line_kind CHECK (((kind >= 1) AND (kind <= 3))),
    CONSTRAINT line_payable CHECK (((hold <> 0) OR (kind = 3) OR (account <> ''::text))),
    CONSTRAINT line_sign CHECK ((((kind = 3) AND (amount < 0) AND (hold = 0)) OR ((kind < 3) AND (amount > 0))))
);
GRANT SELECT, INSERT, DELETE ON draft_line TO disburse_app;

CREATE TABLE line (
    region integer NOT NULL,
    batch integer NOT NULL,
    person bigint NOT NULL,
    item text COLLATE "C" NOT NULL,
    payee text COLLATE "C" NOT NULL,
    month date NOT NULL,
    against text COLLATE "C" NOT NULL,
    kind smallint NOT NULL,
    amount bigint NOT NULL,
    hold smallint NOT NULL,
    id_number text COLLATE "C" NOT NULL,
    name text NOT NULL,
    street text NOT NULL,
    community text NOT NULL,
    bank text NOT NULL,
    account text COLLATE "C" NOT NULL,
    holder text NOT NULL,
    file smallint,
    seq integer,
    CONSTRAINT line_pkey PRIMARY KEY (region, batch, person, item, payee, month, against),
    CONSTRAINT line_kind CHECK (((kind >= 1) AND (kind <= 3))),
    CONSTRAINT line_payable CHECK (((hold <> 0) OR (kind = 3) OR (account <> ''::text))),
    CONSTRAINT line_payment CHECK ((((file IS NULL) = (seq IS NULL)) AND ((hold = 0) OR (file IS NULL)))),
    CONSTRAINT line_sign CHECK ((((kind = 3) AND (amount < 0) AND (hold = 0)) OR ((kind < 3) AND (amount > 0))))
);
CREATE INDEX line_person ON public.line USING btree (region, person);
GRANT SELECT, INSERT ON line TO disburse_app;

CREATE TABLE debt (
    region integer NOT NULL,
    batch integer NOT NULL,
    person bigint NOT NULL,
    item text COLLATE "C" NOT NULL,
    payee text COLLATE "C" NOT NULL,
    month date NOT NULL,
    amount bigint NOT NULL,
    id_number text COLLATE "C" NOT NULL,
    name text NOT NULL,
    street text NOT NULL,
    CONSTRAINT debt_pkey PRIMARY KEY (region, batch, person, item, payee, month),
    CONSTRAINT debt_positive CHECK ((amount > 0))
);
GRANT SELECT, INSERT, DELETE ON debt TO disburse_app;

CREATE TABLE later_register (
    region integer NOT NULL,
    batch integer NOT NULL,
    revision bigint NOT NULL,
    CONSTRAINT later_register_pkey PRIMARY KEY (region, batch),
    CONSTRAINT later_register_region_batch_fkey FOREIGN KEY (region, batch) REFERENCES batch(region, batch)
);
GRANT SELECT, INSERT, DELETE ON later_register TO disburse_app;

CREATE TABLE later_debt (
    region integer NOT NULL,
    batch integer NOT NULL,
    person bigint NOT NULL,
    item text COLLATE "C" NOT NULL,
    payee text COLLATE "C" NOT NULL,
    month date NOT NULL,
    amount bigint NOT NULL,
    id_number text COLLATE "C" NOT NULL,
    name text NOT NULL,
    street text NOT NULL,
    CONSTRAINT later_debt_pkey PRIMARY KEY (region, batch, person, item, payee, month),
    CONSTRAINT debt_positive CHECK ((amount > 0))
);
GRANT SELECT, INSERT, DELETE ON later_debt TO disburse_app;

CREATE TABLE finding (
    region integer NOT NULL,
    batch integer NOT NULL,
    id text COLLATE "C" NOT NULL,
    person bigint NOT NULL,
    level smallint NOT NULL,
    kind text NOT NULL,
    item text NOT NULL,
    sentence text NOT NULL,
    CONSTRAINT finding_pkey PRIMARY KEY (region, batch, id, person),
    CONSTRAINT finding_level CHECK (((level >= 1) AND (level <= 4)))
);
GRANT SELECT, INSERT, DELETE ON finding TO disburse_app;

CREATE TABLE decision (
    region integer NOT NULL,
    id text COLLATE "C" NOT NULL,
    rev bigint NOT NULL,
    release boolean NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT decision_pkey PRIMARY KEY (region, id, rev),
    CONSTRAINT decision_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT decision_reason CHECK ((reason <> ''::text))
);
GRANT SELECT, INSERT ON decision TO disburse_app;

-- also 0016_users.sql
CREATE TABLE account_user (
    region integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    post text NOT NULL,
    bureau text NOT NULL,
    password text NOT NULL,
    active boolean DEFAULT true NOT NULL,
    failures smallint DEFAULT 0 NOT NULL,
    CONSTRAINT account_user_pkey PRIMARY KEY (region, name),
    CONSTRAINT account_user_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT user_bureau CHECK (((bureau <> ''::text) OR (post = ANY (ARRAY['管理'::text, '审计'::text])))),
    CONSTRAINT user_post CHECK ((post = ANY (ARRAY['经办'::text, '复核'::text, '审批'::text, '管理'::text, '审计'::text])))
);
GRANT SELECT, INSERT ON account_user TO disburse_app;
GRANT UPDATE (password, active, failures, "........pg.dropped.8........") ON account_user TO disburse_app;

-- also 0008_bands.sql
CREATE TABLE signature (
    region integer NOT NULL,
    batch integer NOT NULL,
    round smallint NOT NULL,
    post text NOT NULL,
    actor text COLLATE "C" NOT NULL,
    at timestamp with time zone NOT NULL,
    rev bigint NOT NULL,
    digest text NOT NULL,
    reason text NOT NULL,
    after text GENERATED ALWAYS AS (
CASE post
    WHEN '复核'::text THEN '经办'::text
    WHEN '审批'::text THEN '复核'::text
    WHEN '终审'::text THEN '审批'::text
    ELSE NULL::text
END) STORED,
    CONSTRAINT signature_pkey PRIMARY KEY (region, batch, round, post),
    CONSTRAINT signature_order FOREIGN KEY (region, batch, round, after) REFERENCES signature(region, batch, round, post),
    CONSTRAINT signature_region_actor_fkey FOREIGN KEY (region, actor) REFERENCES account_user(region, name),
    CONSTRAINT signature_region_batch_fkey FOREIGN KEY (region, batch) REFERENCES batch(region, batch),
    CONSTRAINT signature_post CHECK ((post = ANY (ARRAY['经办'::text, '复核'::text, '审批'::text, '终审'::text, '退回'::text]))),
    CONSTRAINT signature_return_reason CHECK (((post <> '退回'::text) OR (reason <> ''::text)))
);
CREATE UNIQUE INDEX signature_different_people ON public.signature USING btree (region, batch, round, actor) WHERE (post <> '退回'::text);
COMMENT ON COLUMN signature.post IS '经办, 复核, 审批, 终审 (the second 审批 of a large batch); 退回 ends a round';
COMMENT ON COLUMN signature.after IS 'the post that must have signed this round before: nobody can skip one';
GRANT SELECT, INSERT ON signature TO disburse_app;

CREATE TABLE acknowledgement (
    region integer NOT NULL,
    batch integer NOT NULL,
    round smallint NOT NULL,
    id text COLLATE "C" NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT acknowledgement_pkey PRIMARY KEY (region, batch, round, id),
    CONSTRAINT acknowledgement_reason CHECK ((reason <> ''::text))
);
GRANT SELECT, INSERT ON acknowledgement TO disburse_app;

-- also 0005_merge.sql, 0009_audit.sql
CREATE TABLE ledger (
    region integer NOT NULL,
    person bigint NOT NULL,
    item text COLLATE "C" NOT NULL,
    payee text COLLATE "C" NOT NULL,
    month date NOT NULL,
    rev bigint NOT NULL,
    against text COLLATE "C" NOT NULL,
    kind smallint NOT NULL,
    amount bigint NOT NULL,
    batch integer NOT NULL,
    CONSTRAINT ledger_pkey PRIMARY KEY (region, person, item, payee, month, rev, against, batch),
    CONSTRAINT ledger_batch CHECK (((kind > 3) OR (batch > 0))),
    CONSTRAINT ledger_kind CHECK (((kind >= 1) AND (kind <= 6))),
    CONSTRAINT ledger_not_zero CHECK ((amount <> 0))
);
CREATE INDEX ledger_revision ON public.ledger USING brin (rev);
CREATE INDEX ledger_touched ON public.ledger USING btree (region, rev) WHERE (kind <> 1);
COMMENT ON COLUMN ledger.kind IS '1 approved line, 2 returned payment, 3 voided batch, 4 collected, 5 期初, 6 合并';
GRANT SELECT, INSERT ON ledger TO disburse_app;

CREATE TABLE waiver (
    region integer NOT NULL,
    person bigint NOT NULL,
    item text COLLATE "C" NOT NULL,
    payee text COLLATE "C" NOT NULL,
    month date NOT NULL,
    rev bigint NOT NULL,
    amount bigint NOT NULL,
    actor text NOT NULL,
    approver text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT waiver_pkey PRIMARY KEY (region, person, item, payee, month, rev),
    CONSTRAINT waiver_four_eyes CHECK ((actor <> approver)),
    CONSTRAINT waiver_positive CHECK ((amount > 0)),
    CONSTRAINT waiver_reason CHECK ((reason <> ''::text))
);
GRANT SELECT, INSERT ON waiver TO disburse_app;

CREATE TABLE payment_file (
    region integer NOT NULL,
    batch integer NOT NULL,
    file smallint NOT NULL,
    number text COLLATE "C" NOT NULL,
    bank text NOT NULL,
    rows integer NOT NULL,
    amount bigint NOT NULL,
    CONSTRAINT payment_file_pkey PRIMARY KEY (region, batch, file),
    CONSTRAINT payment_file_number UNIQUE (region, number),
    CONSTRAINT payment_file_region_batch_fkey FOREIGN KEY (region, batch) REFERENCES batch(region, batch)
);
GRANT SELECT, INSERT ON payment_file TO disburse_app;

CREATE TABLE payment (
    region integer NOT NULL,
    batch integer NOT NULL,
    file smallint NOT NULL,
    seq integer NOT NULL,
    person bigint,
    payee text NOT NULL,
    item text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    bank text NOT NULL,
    account text COLLATE "C" NOT NULL,
    holder text NOT NULL,
    id_number text NOT NULL,
    CONSTRAINT payment_pkey PRIMARY KEY (region, batch, file, seq),
    CONSTRAINT payment_account CHECK ((account <> ''::text)),
    CONSTRAINT payment_positive CHECK ((amount > 0))
);
GRANT SELECT, INSERT ON payment TO disburse_app;

-- also 0009_audit.sql
CREATE TABLE payment_result (
    region integer NOT NULL,
    batch integer NOT NULL,
    file smallint NOT NULL,
    seq integer NOT NULL,
    rev bigint NOT NULL,
    outcome smallint NOT NULL,
    code text NOT NULL,
    reason text NOT NULL,
    account text COLLATE "C" NOT NULL,
    CONSTRAINT payment_result_pkey PRIMARY KEY (region, batch, file, seq, rev),
    CONSTRAINT payment_result_outcome CHECK (((outcome >= 1) AND (outcome <= 3)))
);
CREATE UNIQUE INDEX payment_result_final ON public.payment_result USING btree (region, batch, file, seq) WHERE (outcome < 3);
CREATE INDEX payment_result_refused ON public.payment_result USING btree (region, account) WHERE (outcome = 2);
CREATE INDEX payment_result_revision ON public.payment_result USING brin (rev);
GRANT SELECT, INSERT ON payment_result TO disburse_app;

-- ==== migrations/0002_bank.sql

CREATE TABLE void_signature (
    region integer NOT NULL,
    batch integer NOT NULL,
    n smallint NOT NULL,
    actor text COLLATE "C" NOT NULL,
    post text NOT NULL,
    at timestamp with time zone NOT NULL,
    rev bigint NOT NULL,
    digest text NOT NULL,
    reason text NOT NULL,
    after smallint GENERATED ALWAYS AS (
CASE n
    WHEN 2 THEN (1)::smallint
    ELSE NULL::smallint
END) STORED,
    CONSTRAINT void_signature_pkey PRIMARY KEY (region, batch, n),
    CONSTRAINT void_signature_different_people UNIQUE (region, batch, actor),
    CONSTRAINT void_signature_order FOREIGN KEY (region, batch, after) REFERENCES void_signature(region, batch, n),
    CONSTRAINT void_signature_region_actor_fkey FOREIGN KEY (region, actor) REFERENCES account_user(region, name),
    CONSTRAINT void_signature_region_batch_fkey FOREIGN KEY (region, batch) REFERENCES batch(region, batch),
    CONSTRAINT void_signature_post CHECK ((post = ANY (ARRAY['复核'::text, '审批'::text]))),
    CONSTRAINT void_signature_reason CHECK ((reason <> ''::text)),
    CONSTRAINT void_signature_two CHECK ((n = ANY (ARRAY[1, 2])))
);
GRANT SELECT, INSERT ON void_signature TO disburse_app;

-- ==== migrations/0003_match.sql

CREATE TABLE match_list (
    region integer NOT NULL,
    kind text COLLATE "C" NOT NULL,
    rev bigint NOT NULL,
    file text NOT NULL,
    digest text NOT NULL,
    rows integer NOT NULL,
    CONSTRAINT match_list_pkey PRIMARY KEY (region, kind, rev),
    CONSTRAINT match_list_region_fkey FOREIGN KEY (region) REFERENCES region(region)
);
GRANT SELECT, INSERT ON match_list TO disburse_app;

-- also 0009_audit.sql
CREATE TABLE match_hit (
    region integer NOT NULL,
    kind text COLLATE "C" NOT NULL,
    person bigint NOT NULL,
    rev bigint NOT NULL,
    n integer NOT NULL,
    how smallint NOT NULL,
    id_number text COLLATE "C" NOT NULL,
    name text NOT NULL,
    birth date,
    dated date,
    street text NOT NULL,
    note text NOT NULL,
    CONSTRAINT match_hit_pkey PRIMARY KEY (region, kind, person, rev, n),
    CONSTRAINT match_hit_region_kind_rev_fkey FOREIGN KEY (region, kind, rev) REFERENCES match_list(region, kind, rev),
    CONSTRAINT match_hit_how CHECK (((how >= 1) AND (how <= 4)))
);
CREATE INDEX match_hit_list ON public.match_hit USING btree (region, kind, rev);
CREATE INDEX match_hit_revision ON public.match_hit USING brin (rev);
GRANT SELECT, INSERT ON match_hit TO disburse_app;

-- ==== migrations/0004_missing.sql

-- also 0009_audit.sql
CREATE TABLE match_missing (
    region integer NOT NULL,
    kind text COLLATE "C" NOT NULL,
    rev bigint NOT NULL,
    n integer NOT NULL,
    id_number text COLLATE "C" NOT NULL,
    name text NOT NULL,
    birth date NOT NULL,
    street text NOT NULL,
    CONSTRAINT match_missing_pkey PRIMARY KEY (region, kind, rev, n),
    CONSTRAINT match_missing_region_kind_rev_fkey FOREIGN KEY (region, kind, rev) REFERENCES match_list(region, kind, rev)
);
CREATE INDEX match_missing_revision ON public.match_missing USING brin (rev);
GRANT SELECT, INSERT ON match_missing TO disburse_app;

-- ==== migrations/0005_merge.sql

CREATE TABLE merge (
    region integer NOT NULL,
    gone bigint NOT NULL,
    kept bigint NOT NULL,
    rev bigint NOT NULL,
    actor text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    CONSTRAINT merge_pkey PRIMARY KEY (region, gone),
    CONSTRAINT merge_region_actor_fkey FOREIGN KEY (region, actor) REFERENCES account_user(region, name),
    CONSTRAINT merge_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT merge_reason CHECK ((reason <> ''::text)),
    CONSTRAINT merge_two CHECK ((gone <> kept))
);
COMMENT ON COLUMN merge.gone IS 'the record that ended, person (person)';
COMMENT ON COLUMN merge.kept IS 'the record it was merged into, which may itself be merged later; 0: nobody, the import that brought it was undone';
GRANT SELECT, INSERT ON merge TO disburse_app;

CREATE TABLE paid_elsewhere (
    region integer NOT NULL,
    person bigint NOT NULL,
    rev bigint NOT NULL,
    n smallint NOT NULL,
    other integer NOT NULL,
    item text COLLATE "C" NOT NULL,
    month date,
    amount bigint NOT NULL,
    CONSTRAINT paid_elsewhere_pkey PRIMARY KEY (region, person, rev, n),
    CONSTRAINT paid_elsewhere_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT paid_elsewhere_none CHECK ((((n = 0) = (other = 0)) AND ((n = 0) = (month IS NULL)))),
    CONSTRAINT paid_elsewhere_other CHECK ((other <> region))
);
CREATE INDEX paid_elsewhere_rev ON public.paid_elsewhere USING btree (region, rev);
COMMENT ON COLUMN paid_elsewhere.other IS 'region that paid';
COMMENT ON COLUMN paid_elsewhere.amount IS '分, what its lines of the item and month add up to';
GRANT SELECT, INSERT ON paid_elsewhere TO disburse_app;

-- ==== migrations/0006_recovery.sql

CREATE TABLE waiver_request (
    region integer NOT NULL,
    n integer NOT NULL,
    rev bigint NOT NULL,
    person bigint NOT NULL,
    item text COLLATE "C" NOT NULL,
    payee text COLLATE "C" NOT NULL,
    month date NOT NULL,
    amount bigint NOT NULL,
    bureau text COLLATE "C" NOT NULL,
    actor text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    CONSTRAINT waiver_request_pkey PRIMARY KEY (region, n),
    CONSTRAINT waiver_request_asked UNIQUE (region, n, actor),
    CONSTRAINT waiver_request_region_actor_fkey FOREIGN KEY (region, actor) REFERENCES account_user(region, name),
    CONSTRAINT waiver_request_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT waiver_request_positive CHECK ((amount > 0)),
    CONSTRAINT waiver_request_reason CHECK ((reason <> ''::text))
);
GRANT SELECT, INSERT ON waiver_request TO disburse_app;

CREATE TABLE waiver_answer (
    region integer NOT NULL,
    n integer NOT NULL,
    rev bigint NOT NULL,
    granted boolean NOT NULL,
    asked text COLLATE "C" NOT NULL,
    actor text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    CONSTRAINT waiver_answer_pkey PRIMARY KEY (region, n),
    CONSTRAINT waiver_answer_region_actor_fkey FOREIGN KEY (region, actor) REFERENCES account_user(region, name),
    CONSTRAINT waiver_answer_region_n_asked_fkey FOREIGN KEY (region, n, asked) REFERENCES waiver_request(region, n, actor),
    CONSTRAINT waiver_answer_four_eyes CHECK (((NOT granted) OR (actor <> asked))),
    CONSTRAINT waiver_answer_reason CHECK ((granted OR (reason <> ''::text)))
);
GRANT SELECT, INSERT ON waiver_answer TO disburse_app;

CREATE TABLE recovery_plan (
    region integer NOT NULL,
    n integer NOT NULL,
    rev bigint NOT NULL,
    person bigint NOT NULL,
    bureau text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    first_month date,
    months smallint NOT NULL,
    actor text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    CONSTRAINT recovery_plan_pkey PRIMARY KEY (region, n),
    CONSTRAINT recovery_plan_region_actor_fkey FOREIGN KEY (region, actor) REFERENCES account_user(region, name),
    CONSTRAINT recovery_plan_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT recovery_plan_reason CHECK ((reason <> ''::text)),
    CONSTRAINT recovery_plan_sum CHECK ((((months = 0) AND (amount = 0) AND (first_month IS NULL)) OR (((months >= 1) AND (months <= 120)) AND (amount >= months) AND (EXTRACT(day FROM first_month) = (1)::numeric))))
);
CREATE INDEX recovery_plan_person ON public.recovery_plan USING btree (region, person);
GRANT SELECT, INSERT ON recovery_plan TO disburse_app;

CREATE TABLE recovery_plan_debt (
    region integer NOT NULL,
    n integer NOT NULL,
    item text COLLATE "C" NOT NULL,
    payee text COLLATE "C" NOT NULL,
    month date NOT NULL,
    amount bigint NOT NULL,
    CONSTRAINT recovery_plan_debt_pkey PRIMARY KEY (region, n, item, payee, month),
    CONSTRAINT recovery_plan_debt_region_n_fkey FOREIGN KEY (region, n) REFERENCES recovery_plan(region, n),
    CONSTRAINT recovery_plan_debt_positive CHECK ((amount > 0))
);
GRANT SELECT, INSERT ON recovery_plan_debt TO disburse_app;

CREATE TABLE opening_statement (
    region integer NOT NULL,
    person bigint NOT NULL,
    item text COLLATE "C" NOT NULL,
    payee text COLLATE "C" NOT NULL,
    month date NOT NULL,
    rev bigint NOT NULL,
    amount bigint NOT NULL,
    basis text NOT NULL,
    CONSTRAINT opening_statement_pkey PRIMARY KEY (region, person, item, payee, month, rev)
);
GRANT SELECT, INSERT ON opening_statement TO disburse_app;

-- ==== migrations/0007_seal.sql

CREATE TABLE batch_seal (
    region integer NOT NULL,
    batch integer NOT NULL,
    month date NOT NULL,
    bureau text COLLATE "C" NOT NULL,
    n smallint NOT NULL,
    round smallint NOT NULL,
    revision bigint NOT NULL,
    pack text NOT NULL,
    digest text NOT NULL,
    lines integer NOT NULL,
    heads integer NOT NULL,
    pays bigint NOT NULL,
    held bigint NOT NULL,
    approved_rev bigint NOT NULL,
    CONSTRAINT batch_seal_pkey PRIMARY KEY (region, batch),
    CONSTRAINT batch_seal_as_approved FOREIGN KEY (region, batch, month, bureau, n, round, revision, pack, digest, lines, heads, pays, held, approved_rev) REFERENCES batch(region, batch, month, bureau, n, round, revision, pack, digest, lines, heads, pays, held, approved_rev)
);
GRANT SELECT, INSERT ON batch_seal TO disburse_app;

-- ==== migrations/0009_audit.sql

CREATE TABLE row_digest (
    region integer NOT NULL,
    rev bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    rows bigint NOT NULL,
    digest text NOT NULL,
    marks text NOT NULL,
    CONSTRAINT row_digest_pkey PRIMARY KEY (region, rev, name),
    CONSTRAINT row_digest_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT row_digest_rows CHECK ((rows > 0))
);
GRANT SELECT, INSERT ON row_digest TO disburse_app;

CREATE TABLE row_mark (
    region integer NOT NULL,
    rev bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    part integer NOT NULL,
    marks bytea NOT NULL,
    CONSTRAINT row_mark_pkey PRIMARY KEY (region, rev, name, part),
    CONSTRAINT row_mark_region_fkey FOREIGN KEY (region) REFERENCES region(region)
);
ALTER TABLE row_mark ALTER COLUMN marks SET STORAGE EXTERNAL;
GRANT SELECT, INSERT ON row_mark TO disburse_app;

CREATE TABLE access_log (
    region integer NOT NULL,
    n bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor text NOT NULL,
    origin text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    person bigint NOT NULL,
    scope text NOT NULL,
    CONSTRAINT access_log_pkey PRIMARY KEY (region, n),
    CONSTRAINT access_log_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT access_log_n CHECK ((n > 0))
);
GRANT SELECT, INSERT ON access_log TO disburse_app;

CREATE TABLE access_seal (
    region integer NOT NULL,
    rev bigint NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    CONSTRAINT access_seal_pkey PRIMARY KEY (region, rev),
    CONSTRAINT access_seal_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT access_seal_order CHECK (((last >= first) AND (first > 0)))
);
GRANT SELECT, INSERT ON access_seal TO disburse_app;

CREATE TABLE roster_undo (
    region integer NOT NULL,
    undone bigint NOT NULL,
    rev bigint NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT roster_undo_pkey PRIMARY KEY (region, undone),
    CONSTRAINT roster_undo_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT roster_undo_later CHECK ((rev > undone)),
    CONSTRAINT roster_undo_reason CHECK ((reason <> ''::text))
);
GRANT SELECT, INSERT ON roster_undo TO disburse_app;

-- ==== migrations/0010_adoption.sql

-- also 0011_guards.sql
CREATE TABLE pack_proposal (
    region integer NOT NULL,
    n integer NOT NULL,
    rev bigint NOT NULL,
    hash text NOT NULL,
    base text NOT NULL,
    effect text NOT NULL,
    heads integer NOT NULL,
    more bigint NOT NULL,
    less bigint NOT NULL,
    actor text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    CONSTRAINT pack_proposal_pkey PRIMARY KEY (region, n),
    CONSTRAINT pack_proposal_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT pack_proposal_region_hash_fkey FOREIGN KEY (region, hash) REFERENCES pack(region, hash),
    CONSTRAINT pack_proposal_effect CHECK (((more >= 0) AND (less <= 0) AND ((heads > 0) OR ((heads = 0) AND (more = 0) AND (less = 0))))),
    CONSTRAINT pack_proposal_n CHECK ((n > 0)),
    CONSTRAINT pack_proposal_reason CHECK ((reason <> ''::text))
);
COMMENT ON COLUMN pack_proposal.heads IS 'people with a difference; 0: only controls differ';
GRANT SELECT, INSERT ON pack_proposal TO disburse_app;

-- also 0011_guards.sql
CREATE TABLE pack_adoption (
    region integer NOT NULL,
    rev bigint NOT NULL,
    hash text NOT NULL,
    actor text COLLATE "C" NOT NULL,
    approver text COLLATE "C" NOT NULL,
    retroactive boolean NOT NULL,
    reason text NOT NULL,
    proposal integer,
    CONSTRAINT pack_adoption_pkey PRIMARY KEY (region, rev),
    CONSTRAINT pack_adoption_once UNIQUE (region, proposal),
    CONSTRAINT pack_adoption_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT pack_adoption_region_hash_fkey FOREIGN KEY (region, hash) REFERENCES pack(region, hash),
    CONSTRAINT pack_adoption_region_proposal_fkey FOREIGN KEY (region, proposal) REFERENCES pack_proposal(region, n),
    CONSTRAINT pack_adoption_four_eyes CHECK ((((NOT retroactive) OR (proposal IS NOT NULL)) AND ((proposal IS NOT NULL) = (approver <> ''::text)) AND (approver <> actor))),
    CONSTRAINT pack_adoption_reason CHECK ((reason <> ''::text))
);
GRANT SELECT, INSERT ON pack_adoption TO disburse_app;

-- ==== migrations/0011_guards.sql

CREATE TABLE batch_sent (
    region integer NOT NULL,
    batch integer NOT NULL,
    rev bigint NOT NULL,
    CONSTRAINT batch_sent_pkey PRIMARY KEY (region, batch),
    CONSTRAINT batch_sent_as_marked FOREIGN KEY (region, batch, rev) REFERENCES batch(region, batch, sent_rev)
);
GRANT SELECT, INSERT ON batch_sent TO disburse_app;

CREATE TABLE part_seal (
    region integer NOT NULL,
    batch integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    rev bigint NOT NULL,
    rows bigint NOT NULL,
    digest text NOT NULL,
    CONSTRAINT part_seal_pkey PRIMARY KEY (region, batch, name, rev),
    CONSTRAINT part_seal_name CHECK ((name = ANY (ARRAY['finding'::text, 'debt'::text, 'batch_item'::text, 'later_register'::text])))
);
GRANT SELECT, INSERT ON part_seal TO disburse_app;

CREATE TABLE region_opening (
    region integer NOT NULL,
    rev bigint NOT NULL,
    month date NOT NULL,
    CONSTRAINT region_opening_pkey PRIMARY KEY (region, rev),
    CONSTRAINT region_opening_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT region_opening_is_month CHECK ((EXTRACT(day FROM month) = (1)::numeric))
);
GRANT SELECT, INSERT ON region_opening TO disburse_app;

-- ==== migrations/0012_calendar.sql

CREATE TABLE job_calendar (
    region integer NOT NULL,
    since timestamp with time zone NOT NULL,
    CONSTRAINT job_calendar_pkey PRIMARY KEY (region),
    CONSTRAINT job_calendar_region_fkey FOREIGN KEY (region) REFERENCES region(region)
);
GRANT SELECT, INSERT ON job_calendar TO disburse_app;
GRANT UPDATE (since) ON job_calendar TO disburse_app;

CREATE TABLE holiday (
    region integer NOT NULL,
    day date NOT NULL,
    off boolean NOT NULL,
    name text NOT NULL,
    CONSTRAINT holiday_pkey PRIMARY KEY (region, day),
    CONSTRAINT holiday_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT holiday_name CHECK ((name <> ''::text))
);
GRANT SELECT, INSERT, UPDATE, DELETE ON holiday TO disburse_app;

CREATE TABLE job_setting (
    region integer NOT NULL,
    job text COLLATE "C" NOT NULL,
    enabled boolean NOT NULL,
    every text NOT NULL,
    day smallint NOT NULL,
    hour smallint NOT NULL,
    minute smallint NOT NULL,
    shift text NOT NULL,
    lead smallint[] NOT NULL,
    parameters jsonb NOT NULL,
    since timestamp with time zone NOT NULL,
    CONSTRAINT job_setting_pkey PRIMARY KEY (region, job),
    CONSTRAINT job_setting_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT job_setting_day CHECK (
CASE every
    WHEN '每日'::text THEN (day = 0)
    WHEN '每周'::text THEN ((day >= 1) AND (day <= 7))
    WHEN '每月'::text THEN ((day >= 1) AND (day <= 28))
    ELSE false
END),
    CONSTRAINT job_setting_lead CHECK (((cardinality(lead) <=
CASE every
    WHEN '每月'::text THEN 10
    ELSE 0
END) AND (1 <= ALL (lead)) AND (20 >= ALL (lead)))),
    CONSTRAINT job_setting_shift CHECK ((shift = ANY (ARRAY['不移'::text, '提前'::text, '顺延'::text]))),
    CONSTRAINT job_setting_time CHECK ((((hour >= 0) AND (hour <= 23)) AND ((minute >= 0) AND (minute <= 59))))
);
GRANT SELECT, INSERT, UPDATE, DELETE ON job_setting TO disburse_app;

CREATE TABLE job_occurrence (
    region integer NOT NULL,
    job text COLLATE "C" NOT NULL,
    due timestamp with time zone NOT NULL,
    planned timestamp with time zone NOT NULL,
    month date,
    actor text COLLATE "C" NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    attempt smallint DEFAULT 0 NOT NULL,
    beat timestamp with time zone DEFAULT now() NOT NULL,
    host text DEFAULT ''::text NOT NULL,
    started timestamp with time zone,
    finished timestamp with time zone,
    done bigint DEFAULT 0 NOT NULL,
    total bigint DEFAULT 0 NOT NULL,
    log text DEFAULT ''::text NOT NULL,
    CONSTRAINT job_occurrence_pkey PRIMARY KEY (region, job, due),
    CONSTRAINT job_occurrence_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT job_occurrence_finished CHECK (((state = ANY (ARRAY['done'::text, 'failed'::text, 'skipped'::text])) = (finished IS NOT NULL))),
    CONSTRAINT job_occurrence_month CHECK ((EXTRACT(day FROM month) = (1)::numeric)),
    CONSTRAINT job_occurrence_started CHECK (((state <> ALL (ARRAY['running'::text, 'done'::text])) OR ((started IS NOT NULL) AND (attempt > 0)))),
    CONSTRAINT job_occurrence_state CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text, 'skipped'::text])))
);
CREATE INDEX job_occurrence_open ON public.job_occurrence USING btree (region, beat) WHERE (state = ANY (ARRAY['waiting'::text, 'running'::text]));
GRANT SELECT, INSERT, UPDATE ON job_occurrence TO disburse_app;

-- also 0016_users.sql
CREATE TABLE notice (
    region integer NOT NULL,
    n bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    job text COLLATE "C",
    due timestamp with time zone,
    k smallint,
    kind text NOT NULL,
    bureau text COLLATE "C" NOT NULL,
    post text NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    link text NOT NULL,
    created timestamp with time zone NOT NULL,
    CONSTRAINT notice_pkey PRIMARY KEY (region, n),
    CONSTRAINT notice_once UNIQUE (region, job, due, k),
    CONSTRAINT notice_region_job_due_fkey FOREIGN KEY (region, job, due) REFERENCES job_occurrence(region, job, due),
    CONSTRAINT notice_of_occurrence CHECK ((num_nulls(job, due, k) = ANY (ARRAY[0, 3]))),
    CONSTRAINT notice_title CHECK ((title <> ''::text))
);
GRANT SELECT, INSERT, UPDATE ON notice TO disburse_app;
GRANT SELECT ON SEQUENCE notice_n_seq TO disburse_app;

CREATE TABLE notice_read (
    region integer NOT NULL,
    n bigint NOT NULL,
    reader text COLLATE "C" NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT notice_read_pkey PRIMARY KEY (region, n, reader),
    CONSTRAINT notice_read_region_n_fkey FOREIGN KEY (region, n) REFERENCES notice(region, n)
);
GRANT SELECT, INSERT, DELETE ON notice_read TO disburse_app;

CREATE TABLE notice_delivery (
    region integer NOT NULL,
    n bigint NOT NULL,
    channel text COLLATE "C" NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    tries smallint DEFAULT 0 NOT NULL,
    next_try timestamp with time zone NOT NULL,
    error text DEFAULT ''::text NOT NULL,
    CONSTRAINT notice_delivery_pkey PRIMARY KEY (region, n, channel),
    CONSTRAINT notice_delivery_region_n_fkey FOREIGN KEY (region, n) REFERENCES notice(region, n),
    CONSTRAINT notice_delivery_channel CHECK ((channel = ANY (ARRAY['smtp'::text, 'webhook'::text]))),
    CONSTRAINT notice_delivery_state CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'failed'::text])))
);
CREATE INDEX notice_delivery_waiting ON public.notice_delivery USING btree (region, next_try) WHERE (state = 'waiting'::text);
GRANT SELECT, INSERT, UPDATE ON notice_delivery TO disburse_app;

-- ==== migrations/0013_console.sql

-- also 0016_users.sql
CREATE TABLE console_session (
    region integer NOT NULL,
    token bytea NOT NULL,
    actor text COLLATE "C" NOT NULL,
    origin text NOT NULL,
    begun timestamp with time zone NOT NULL,
    seen timestamp with time zone NOT NULL,
    ended timestamp with time zone,
    notice text DEFAULT ''::text NOT NULL,
    kept bytea,
    CONSTRAINT console_session_pkey PRIMARY KEY (region, token),
    CONSTRAINT console_session_region_actor_fkey FOREIGN KEY (region, actor) REFERENCES account_user(region, name),
    CONSTRAINT console_session_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT session_token CHECK ((length(token) = 32))
);
GRANT SELECT, INSERT, DELETE ON console_session TO disburse_app;
GRANT UPDATE (seen, ended, notice, kept) ON console_session TO disburse_app;

CREATE TABLE console_work (
    region integer NOT NULL,
    work bigint NOT NULL,
    actor text COLLATE "C" NOT NULL,
    bureau text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    state text NOT NULL,
    step text NOT NULL,
    done bigint NOT NULL,
    total bigint NOT NULL,
    message text NOT NULL,
    link text NOT NULL,
    begun timestamp with time zone NOT NULL,
    beat timestamp with time zone NOT NULL,
    ended timestamp with time zone,
    CONSTRAINT console_work_pkey PRIMARY KEY (region, work),
    CONSTRAINT console_work_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT work_ended CHECK (((state = 'running'::text) = (ended IS NULL))),
    CONSTRAINT work_state CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text])))
);
CREATE UNIQUE INDEX console_work_once ON public.console_work USING btree (region, kind) WHERE ((state = 'running'::text) AND (kind <> ''::text));
GRANT SELECT, INSERT, DELETE ON console_work TO disburse_app;
GRANT UPDATE (state, step, done, total, message, link, beat, ended) ON console_work TO disburse_app;

-- also 0019_uploads.sql
CREATE TABLE console_upload (
    region integer NOT NULL,
    upload bigint NOT NULL,
    actor text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    at timestamp with time zone NOT NULL,
    size bigint NOT NULL,
    CONSTRAINT console_upload_pkey PRIMARY KEY (region, upload),
    CONSTRAINT console_upload_region_fkey FOREIGN KEY (region) REFERENCES region(region)
);
GRANT SELECT, INSERT, DELETE ON console_upload TO disburse_app;

-- ==== migrations/0014_people.sql

CREATE TABLE person_now (
    region integer NOT NULL,
    person bigint NOT NULL,
    rev bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    given text COLLATE "C" NOT NULL,
    initials text COLLATE "C" NOT NULL,
    id_number text COLLATE "C" NOT NULL,
    street text COLLATE "C" NOT NULL,
    birth date NOT NULL,
    died date,
    moved_out date,
    CONSTRAINT person_now_pkey PRIMARY KEY (region, person)
);
CREATE INDEX person_now_birth ON public.person_now USING btree (region, birth, person);
CREATE INDEX person_now_given ON public.person_now USING btree (region, given, person);
CREATE INDEX person_now_id ON public.person_now USING btree (region, id_number, person);
CREATE INDEX person_now_initials ON public.person_now USING btree (region, initials, person);
CREATE INDEX person_now_name ON public.person_now USING btree (region, name, person);
CREATE INDEX person_now_street ON public.person_now USING btree (region, street, name, person);
CREATE INDEX person_now_tail ON public.person_now USING btree (region, reverse(id_number), person);
GRANT SELECT, INSERT, UPDATE, DELETE ON person_now TO disburse_app;

CREATE TABLE people_mark (
    region integer NOT NULL,
    rev bigint NOT NULL,
    target bigint NOT NULL,
    next bigint NOT NULL,
    CONSTRAINT people_mark_pkey PRIMARY KEY (region),
    CONSTRAINT people_mark_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT people_mark_order CHECK (((target >= rev) AND ((next = 0) = (target = rev))))
);
GRANT SELECT, INSERT, UPDATE, DELETE ON people_mark TO disburse_app;

-- also 0017_requests.sql
CREATE TABLE account_request (
    region integer NOT NULL,
    n integer NOT NULL,
    rev bigint NOT NULL,
    person bigint NOT NULL,
    old_bank text NOT NULL,
    old_account text COLLATE "C" NOT NULL,
    old_holder text NOT NULL,
    bank text NOT NULL,
    account text COLLATE "C" NOT NULL,
    holder text NOT NULL,
    actor text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    CONSTRAINT account_request_pkey PRIMARY KEY (region, n),
    CONSTRAINT account_request_asked UNIQUE (region, n, actor),
    CONSTRAINT account_request_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT account_request_reason CHECK ((reason <> ''::text))
);
CREATE INDEX account_request_person ON public.account_request USING btree (region, person);
GRANT SELECT, INSERT ON account_request TO disburse_app;

CREATE TABLE account_answer (
    region integer NOT NULL,
    n integer NOT NULL,
    rev bigint NOT NULL,
    granted boolean NOT NULL,
    asked text COLLATE "C" NOT NULL,
    actor text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    CONSTRAINT account_answer_pkey PRIMARY KEY (region, n),
    CONSTRAINT account_answer_region_actor_fkey FOREIGN KEY (region, actor) REFERENCES account_user(region, name),
    CONSTRAINT account_answer_region_n_asked_fkey FOREIGN KEY (region, n, asked) REFERENCES account_request(region, n, actor),
    CONSTRAINT account_answer_four_eyes CHECK ((actor <> asked)),
    CONSTRAINT account_answer_reason CHECK ((granted OR (reason <> ''::text)))
);
GRANT SELECT, INSERT ON account_answer TO disburse_app;

-- ==== migrations/0015_answers.sql

CREATE TABLE answer_sum (
    region integer NOT NULL,
    batch integer NOT NULL,
    file smallint NOT NULL,
    paid integer NOT NULL,
    paid_amount bigint NOT NULL,
    failed integer NOT NULL,
    failed_amount bigint NOT NULL,
    unknown integer NOT NULL,
    unknown_amount bigint NOT NULL,
    CONSTRAINT answer_sum_pkey PRIMARY KEY (region, batch, file),
    CONSTRAINT answer_sum_region_batch_file_fkey FOREIGN KEY (region, batch, file) REFERENCES payment_file(region, batch, file),
    CONSTRAINT answer_sum_positive CHECK ((LEAST((paid)::bigint, (failed)::bigint, (unknown)::bigint, paid_amount, failed_amount, unknown_amount) >= 0))
);
GRANT SELECT, INSERT ON answer_sum TO disburse_app;
GRANT UPDATE (paid, paid_amount, failed, failed_amount, unknown, unknown_amount) ON answer_sum TO disburse_app;

-- ==== migrations/0016_users.sql

CREATE TABLE user_event (
    region integer NOT NULL,
    name text COLLATE "C" NOT NULL,
    rev bigint NOT NULL,
    what text NOT NULL,
    actor text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    change boolean NOT NULL,
    waits boolean NOT NULL,
    CONSTRAINT user_event_pkey PRIMARY KEY (region, name, rev),
    CONSTRAINT user_event_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT user_event_region_name_fkey FOREIGN KEY (region, name) REFERENCES account_user(region, name),
    CONSTRAINT user_event_confirmed CHECK (((what <> 'confirmed'::text) OR (actor <> name))),
    CONSTRAINT user_event_own CHECK (((what <> 'own'::text) OR (actor = name))),
    CONSTRAINT user_event_reason CHECK (((what <> 'reset'::text) OR (reason <> ''::text))),
    CONSTRAINT user_event_what CHECK ((what = ANY (ARRAY['opened'::text, 'reset'::text, 'own'::text, 'confirmed'::text, 'closed'::text, 'reopened'::text])))
);
GRANT SELECT, INSERT ON user_event TO disburse_app;

CREATE TABLE login_delay (
    region integer NOT NULL,
    place text COLLATE "C" NOT NULL,
    name bytea NOT NULL,
    failures smallint NOT NULL,
    until timestamp with time zone NOT NULL,
    CONSTRAINT login_delay_pkey PRIMARY KEY (region, place, name),
    CONSTRAINT login_delay_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT login_delay_name CHECK ((length(name) = 32))
);
GRANT SELECT, INSERT, UPDATE, DELETE ON login_delay TO disburse_app;

-- ==== migrations/0017_requests.sql

CREATE TABLE request_subject (
    region integer NOT NULL,
    n integer NOT NULL,
    rev bigint NOT NULL,
    kind text NOT NULL,
    name text COLLATE "C" NOT NULL,
    before text NOT NULL,
    after text NOT NULL,
    source text NOT NULL,
    CONSTRAINT request_subject_pkey PRIMARY KEY (region, n),
    CONSTRAINT request_subject_region_n_fkey FOREIGN KEY (region, n) REFERENCES account_request(region, n),
    CONSTRAINT request_subject_kind CHECK ((kind = ANY (ARRAY['person'::text, 'payee'::text, 'fact'::text, 'award'::text]))),
    CONSTRAINT request_subject_source CHECK ((source = ANY (ARRAY['page'::text, 'import'::text, 'undo'::text, 'merge'::text])))
);
GRANT SELECT, INSERT ON request_subject TO disburse_app;

CREATE TABLE request_closing (
    region integer NOT NULL,
    n integer NOT NULL,
    rev bigint NOT NULL,
    code text NOT NULL,
    CONSTRAINT request_closing_pkey PRIMARY KEY (region, n),
    CONSTRAINT request_closing_region_n_fkey FOREIGN KEY (region, n) REFERENCES account_request(region, n),
    CONSTRAINT request_closing_code CHECK ((code = ANY (ARRAY['superseded'::text, 'known'::text, 'withdrawn'::text, 'merged'::text])))
);
GRANT SELECT, INSERT ON request_closing TO disburse_app;

-- ==== migrations/0018_row_change.sql

CREATE TABLE row_change (
    region integer NOT NULL,
    rev bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    before jsonb,
    after jsonb,
    CONSTRAINT row_change_pkey PRIMARY KEY (region, rev, name, key),
    CONSTRAINT row_change_region_fkey FOREIGN KEY (region) REFERENCES region(region),
    CONSTRAINT row_change_some CHECK (((before IS NOT NULL) OR (after IS NOT NULL)))
);
GRANT SELECT, INSERT ON row_change TO disburse_app;

CREATE TABLE access_link (
    region integer NOT NULL,
    n bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT access_link_pkey PRIMARY KEY (region, n),
    CONSTRAINT access_link_region_fkey FOREIGN KEY (region) REFERENCES region(region)
);
GRANT SELECT, INSERT ON access_link TO disburse_app;

-- ==== migrations/0019_uploads.sql

CREATE TABLE console_upload_part (
    region integer NOT NULL,
    upload bigint NOT NULL,
    part integer NOT NULL,
    body bytea NOT NULL,
    CONSTRAINT console_upload_part_pkey PRIMARY KEY (region, upload, part),
    CONSTRAINT console_upload_part_region_upload_fkey FOREIGN KEY (region, upload) REFERENCES console_upload(region, upload) ON DELETE CASCADE
);
ALTER TABLE console_upload_part ALTER COLUMN body SET STORAGE EXTERNAL;
GRANT SELECT, INSERT, DELETE ON console_upload_part TO disburse_app;

-- ==== migrations/0020_request_brought.sql

CREATE TABLE request_brought (
    region integer NOT NULL,
    n integer NOT NULL,
    rev bigint NOT NULL,
    actor text COLLATE "C" NOT NULL,
    CONSTRAINT request_brought_pkey PRIMARY KEY (region, n, actor),
    CONSTRAINT request_brought_region_n_fkey FOREIGN KEY (region, n) REFERENCES account_request(region, n)
);
GRANT SELECT, INSERT ON request_brought TO disburse_app;
