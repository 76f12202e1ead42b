-- Voiding an approved batch (作废) takes two signatures of two different people: 1 asks,
-- 2 confirms. Only before its bank files are handed over.
CREATE TABLE void_signature (
    region integer     NOT NULL,
    batch  integer     NOT NULL,
    n      smallint    NOT NULL,                -- 1 asks, 2 confirms
    actor  text COLLATE "C" NOT NULL,
    post   text        NOT NULL,                -- 复核 or 审批
    at     timestamptz NOT NULL,
    rev    bigint      NOT NULL,
    digest text        NOT NULL,                -- the batch's digest that was signed
    reason text        NOT NULL,
    -- Nobody confirms what nobody has asked for.
    after  smallint GENERATED ALWAYS AS (CASE n WHEN 2 THEN 1::smallint END) STORED,
    PRIMARY KEY (region, batch, n),
    FOREIGN KEY (region, batch) REFERENCES batch,
    FOREIGN KEY (region, actor) REFERENCES account_user,
    CONSTRAINT void_signature_order FOREIGN KEY (region, batch, after) REFERENCES void_signature (region, batch, n),
    CONSTRAINT void_signature_different_people UNIQUE (region, batch, actor),
    CONSTRAINT void_signature_two CHECK (n IN (1, 2)),
    CONSTRAINT void_signature_post CHECK (post IN ('复核', '审批')),
    CONSTRAINT void_signature_reason CHECK (reason <> '')
);
GRANT SELECT, INSERT ON void_signature TO disburse_app;
