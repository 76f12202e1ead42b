package audit_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/store/audit"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
	"disburse/internal/store/users"
)

// recovered is a district with a batch that was sent (1), one that was approved (2), with a
// register behind it, and an account that the program has opened.
func recovered(t *testing.T) *storetest.District {
	t.Helper()
	d := storetest.OpenDistrict(t)
	err := users.Add(t.Context(), d.Db, storetest.DeskRegion, approval.User{Name: "己审批", Post: approval.Approver, Bureau: storetest.DeskBureau}, "又一个相当长的口令字句", storetest.RunBy)
	if err != nil {
		t.Fatal(err)
	}
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), storetest.Resident(1943), storetest.Resident(1942, storetest.Without), storetest.Resident(1905)))
	d.Paid(9)
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.DiedOn(storetest.Day(2026, 8, 20)))))
	d.Run(storetest.At(10))
	if n := d.Number(`SELECT count(*) FROM later_debt`); n != 2 {
		t.Fatalf("%d debts behind the batch", n)
	}
	return d
}

// TestTamperingIsNamed: whatever the program's role can change of a batch, the region and
// accounts is refused by the schema or named by the audit.
func TestTamperingIsNamed(t *testing.T) {
	t.Parallel()
	d := recovered(t)
	sent, signed := d.Batch(storetest.At(9)), d.Batch(storetest.At(10))
	if d.Number(`SELECT count(*) FROM finding WHERE batch = $1`, sent.Number) == 0 {
		t.Fatal("no findings to take away")
	}
	of := func(sql string, b payrun.Batch) string {
		return strings.ReplaceAll(sql, "$b", storetest.Num64(int64(b.Number)))
	}
	const mark, fk, denied = "送银行的标记", postgres.ForeignKeyViolation, postgres.InsufficientPrivilege
	d.Clean()
	d.Tamper("batch",
		storetest.Tampering{Sql: of(`UPDATE batch SET sent_rev = NULL WHERE batch = $b`, sent), State: fk},
		storetest.Tampering{Sql: of(`UPDATE batch SET sent_rev = sent_rev - 1 WHERE batch = $b`, sent), State: fk},
		storetest.Tampering{Sql: of(`UPDATE batch SET sent_rev = approved_rev WHERE batch = $b`, signed), Says: mark},
		storetest.Tampering{Sql: of(`UPDATE batch SET state = 'voided' WHERE batch = $b`, signed), Says: "按签字应为已审批，现为已作废"},
		storetest.Tampering{Sql: `INSERT INTO batch (region, batch, month, bureau, n, state, revision, pack, digest, lines, heads, pays, held, approved_rev)
			SELECT region, 900, month, bureau, 9, 'approved', revision, pack, digest, lines, heads, pays, held, approved_rev FROM batch WHERE batch = ` + storetest.Num64(int64(signed.Number)),
			Says: "批次 900"})
	for _, b := range []payrun.Batch{sent, signed} {
		d.Tamper("finding",
			storetest.Tampering{Sql: of(`DELETE FROM finding WHERE batch = $b`, b), Says: "检查结果"},
			storetest.Tampering{Sql: of(`INSERT INTO finding SELECT region, batch, 'x', person, level, kind, item, sentence FROM finding WHERE batch = $b LIMIT 1`, b), Says: "检查结果"})
		d.Tamper("batch_item",
			storetest.Tampering{Sql: of(`DELETE FROM batch_item WHERE batch = $b`, b), Says: "项目合计"},
			storetest.Tampering{Sql: of(`INSERT INTO batch_item VALUES (140213, $b, '99', 1, 30000, 0, 0, 0)`, b), Says: "项目合计"})
		d.Tamper("debt", storetest.Tampering{Sql: of(`INSERT INTO debt VALUES (140213, $b, 1, '11', '本人', '2026-09-01', 1, '', '', '')`, b), Says: "待追缴"})
	}
	d.Tamper("later_debt",
		storetest.Tampering{Sql: `DELETE FROM later_debt`, Table: "later_register", Says: "后续追缴"},
		storetest.Tampering{Sql: `INSERT INTO later_debt SELECT region, batch, person, item, payee, '2026-11-01', 1, id_number, name, street FROM later_debt LIMIT 1`,
			Table: "later_register", Says: "封存时 2 条，现有 3 条"})
	d.Tamper("later_register", storetest.Tampering{Sql: `DELETE FROM later_register`, Says: "后续追缴"},
		storetest.Tampering{Sql: of(`INSERT INTO later_register VALUES (140213, $b, 99)`, sent), Says: "多出"})
	d.Tamper("region",
		storetest.Tampering{Sql: `UPDATE region SET opening_month = '2026-01-01'`, Says: "定为 2026-09，现为 2026-01"},
		storetest.Tampering{Sql: `UPDATE region SET opening_month = NULL`, Says: "现为 空"},
		storetest.Tampering{Sql: `UPDATE region SET next_person = 1`, Says: "下一个人员编号"},
		storetest.Tampering{Sql: `UPDATE region SET head = head - 1`, Table: "journal"},
		storetest.Tampering{Sql: `UPDATE region SET head_hash = '\x00'`, Table: "journal", Says: "链头"},
		storetest.Tampering{Sql: `UPDATE region SET name = '别的区'`, State: denied},
		storetest.Tampering{Sql: `UPDATE region SET region = 140214`, State: denied})
	d.Tamper("account_user",
		storetest.Tampering{Sql: `UPDATE account_user SET password = 'x' WHERE name = '己审批'`, Says: "口令被改动"})
	for _, table := range []string{"batch_sent", "part_seal", "region_opening"} {
		for _, sql := range []string{`DELETE FROM ` + table, `UPDATE ` + table + ` SET rev = rev`} {
			d.Tamper(table, storetest.Tampering{Sql: sql, State: denied})
		}
	}
	if state := d.AsProgram()(`INSERT INTO account_user (region, name, post, bureau, password) VALUES (140213, '庚审批', '审批', '区民政局', 'x')`); state != "" {
		t.Fatal(state)
	}
	report, err := audit.Verify(t.Context(), d.Db, storetest.DeskRegion, nil, nil)
	if err != nil || !slices.ContainsFunc(report.Problems, func(p audit.Problem) bool {
		return p.Table == "account_user" && p.Key == "用户 庚审批" && strings.Contains(p.What, "多出")
	}) {
		t.Errorf("an account that nobody opened: %v, %v", report.Problems, err)
	}
}

// TestTamperingInSigning: of a batch that is being signed every column is compared, and
// who signs next is refused.
func TestTamperingInSigning(t *testing.T) {
	t.Parallel()
	d := recovered(t)
	d.Run(storetest.At(11))
	d.SignTo(storetest.At(11), storetest.DeskBureau, payrun.Submitted)
	b := d.Batch(storetest.At(11))
	of := func(sql string) string { return strings.ReplaceAll(sql, "$b", storetest.Num64(int64(b.Number))) }
	set := func(what, table, says string) storetest.Tampering {
		return storetest.Tampering{Sql: of(`UPDATE batch SET ` + what + ` WHERE batch = $b`), Table: table, Says: says}
	}
	d.Tamper("batch",
		set(`state = 'open'`, "", "按签字应为待复核，现为待提交"), set(`state = 'reviewed'`, "", "现为待审批"), set(`state = 'carried'`, "", "现为已结转"),
		set(`state = 'approved', approved_rev = 3`, "", "现为已审批"), set(`round = 2`, "", "应为第 1 轮"), set(`digest = '00'`, "", "摘要与签字时的不同"),
		set(`revision = revision + 1`, "draft_line", "摘要"), set(`pack = 'packhash'`, "draft_line", "摘要"), set(`lines = lines + 1`, "draft_line", "合计"),
		set(`heads = heads + 1`, "draft_line", "合计"), set(`pays = pays + 1`, "draft_line", "合计"), set(`held = held + 1`, "draft_line", "合计"))
	d.Tamper("draft_line", storetest.Tampering{Sql: of(`DELETE FROM draft_line WHERE batch = $b`), Says: "合计"},
		storetest.Tampering{Sql: of(`WITH x AS (DELETE FROM draft_line WHERE batch = $b RETURNING *)
			INSERT INTO draft_line SELECT region, batch, person, item, payee, month, against, kind, amount, hold, id_number, '别人', street, community, bank, account, holder FROM x`),
			Says: "摘要"})
	d.Tamper("debt", storetest.Tampering{Sql: of(`DELETE FROM debt WHERE batch = $b`), Says: "待追缴"})
	if state := d.AsProgram()(of(`DELETE FROM finding WHERE batch = $b AND id = (SELECT min(id) FROM finding WHERE batch = $b)`)); state != "" {
		t.Fatal(state)
	}
	_, err := signing.Review(t.Context(), d.Db, d.SigningOf(storetest.At(11), storetest.Reviewer, ""))
	storetest.Saying(t, err, fault.Refused, "检查结果与提交时不一致", "先退回")
}

// TestOlderProgramsVerify: what an earlier program wrote has no seals, no marks and no
// digests of passwords. All of it verifies, is still compared with what there is, and the
// next month adds what was missing.
func TestOlderProgramsVerify(t *testing.T) {
	t.Parallel()
	d := recovered(t)
	d.Run(storetest.At(11))
	d.SignTo(storetest.At(11), storetest.DeskBureau, payrun.Reviewed)
	age(d)
	d.Clean()
	sent := d.Batch(storetest.At(9))
	d.Tamper("batch",
		storetest.Tampering{Sql: `UPDATE batch SET sent_rev = NULL`, Says: "送银行的标记"},
		storetest.Tampering{Sql: `UPDATE batch SET sent_rev = approved_rev WHERE approved_rev IS NOT NULL`, Says: "送银行的标记"},
		storetest.Tampering{Sql: `UPDATE batch SET state = 'voided' WHERE sent_rev IS NULL AND state = 'approved'`, Says: "现为已作废"})
	d.Tamper("batch_item", storetest.Tampering{Sql: `DELETE FROM batch_item WHERE batch = ` + storetest.Num64(int64(sent.Number)), Says: "合计"})
	if _, err := signing.Approve(t.Context(), d.Db, d.SigningOf(storetest.At(11), storetest.Approver, ""), storetest.DeskOrder); err != nil {
		t.Fatal(err)
	}
	d.Send(storetest.At(11))
	d.Run(storetest.At(12))
	d.Approve(storetest.At(12))
	d.Clean()
	d.Tamper("region", storetest.Tampering{Sql: `UPDATE region SET opening_month = '2026-01-01'`, Says: "期初月"})
	for m := 9; m <= 12; m++ {
		d.Agrees(d.Batch(storetest.At(m)))
	}
}

// age makes of the database what a program of schema 0010 would have written, and chains
// the journal anew.
func age(d *storetest.District) {
	d.T.Helper()
	d.Exec(`SET session_replication_role = replica`)
	for _, table := range []string{"batch_sent", "part_seal", "region_opening"} {
		d.Exec(`DELETE FROM ` + table)
		d.Exec(`DELETE FROM row_digest WHERE name = $1`, table)
		d.Exec(`DELETE FROM row_mark WHERE name = $1`, table)
	}
	d.Exec(`RESET session_replication_role`)
	written := map[int64][]journal.Rows{}
	rows, err := d.Owner.Query(d.T.Context(), `SELECT rev, name, rows, digest, marks FROM row_digest ORDER BY rev, name`)
	if err != nil {
		d.T.Fatal(err)
	}
	var rev int64
	var r journal.Rows
	_, err = pgx.ForEachRow(rows, []any{&rev, &r.Table, &r.Count, &r.Digest, &r.Marks}, func() error {
		written[rev] = append(written[rev], r)
		return nil
	})
	if err != nil {
		d.T.Fatal(err)
	}
	previous := journal.Genesis(storetest.DeskRegion)
	err = audit.Journal(d.T.Context(), d.Db, storetest.DeskRegion, time.Time{}, time.Time{}, func(l journal.Link) error {
		if l.Action == "新建用户" {
			l.Digest = ""
		}
		l.Rows = journal.RowsDigest(written[l.Rev])
		hash := journal.Hash(previous, l.Entry)
		d.Exec(`UPDATE journal SET digest = $2, rows_digest = $3, previous = $4, hash = $5 WHERE rev = $1`, l.Rev, l.Digest, l.Rows, previous, hash)
		previous = hash
		return nil
	})
	if err != nil {
		d.T.Fatal(err)
	}
	d.Exec(`UPDATE region SET head_hash = $1`, previous)
}

// TestTamperingBeforeSubmit: what a run found stands under its seal until it is submitted.
// Whoever takes a finding or a line away before is named, and the batch cannot be submitted.
func TestTamperingBeforeSubmit(t *testing.T) {
	t.Parallel()
	d := recovered(t)
	d.Run(storetest.At(11))
	b := d.Batch(storetest.At(11))
	of := func(sql string) string { return strings.ReplaceAll(sql, "$b", storetest.Num64(int64(b.Number))) }
	d.Clean()
	d.Tamper("finding", storetest.Tampering{Sql: of(`DELETE FROM finding WHERE batch = $b`), Says: "检查结果"})
	d.Tamper("draft_line", storetest.Tampering{Sql: of(`DELETE FROM draft_line WHERE batch = $b`), Says: "合计"})
	if state := d.AsProgram()(of(`DELETE FROM finding WHERE batch = $b AND id = (SELECT min(id) FROM finding WHERE batch = $b)`)); state != "" {
		t.Fatal(state)
	}
	_, err := d.TrySubmit(storetest.At(11))
	storetest.Saying(t, err, fault.Refused, "检查结果与运行时不一致", "重新运行")
}
