-- Approval bands: a batch that pays more than a sum of its pack takes a second 审批. After
-- the first it is 'endorsed' (待终审); the second signs as 终审 and settles it.
ALTER TABLE batch DROP CONSTRAINT batch_state;
ALTER TABLE batch ADD CONSTRAINT batch_state CHECK (state IN
    ('open', 'submitted', 'reviewed', 'endorsed', 'approved', 'returned', 'carried', 'voided'));

-- 终审 comes after 审批 of the same round; that four different people sign is held by
-- signature_different_people as before.
ALTER TABLE signature DROP CONSTRAINT signature_post;
ALTER TABLE signature ADD CONSTRAINT signature_post CHECK (post IN ('经办', '复核', '审批', '终审', '退回'));
ALTER TABLE signature DROP COLUMN after;        -- takes signature_order with it
ALTER TABLE signature ADD COLUMN after text GENERATED ALWAYS AS
    (CASE post WHEN '复核' THEN '经办' WHEN '审批' THEN '复核' WHEN '终审' THEN '审批' END) STORED;
ALTER TABLE signature ADD CONSTRAINT signature_order
    FOREIGN KEY (region, batch, round, after) REFERENCES signature (region, batch, round, post);
COMMENT ON COLUMN signature.post IS '经办, 复核, 审批, 终审 (the second 审批 of a large batch); 退回 ends a round';
COMMENT ON COLUMN signature.after IS 'the post that must have signed this round before: nobody can skip one';
COMMENT ON COLUMN batch.state IS 'open 待提交, submitted 待复核, reviewed 待审批, endorsed 待终审, approved 已审批, returned 已退回, carried 已结转, voided 已作废';
