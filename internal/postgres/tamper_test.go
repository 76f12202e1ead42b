package postgres_test

import (
	"cmp"
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
)

// tampering is one statement under the program's role, past the program: refused with a
// SQLSTATE, or named by the audit.
type tampering struct {
	sql   string
	state string // SQLSTATE; empty: it succeeds
	table string // of the problem
	says  string
}

// tamper tries each on its own and puts back what it has changed.
func (d *district) tamper(table string, all ...tampering) {
	d.t.Helper()
	try := d.asProgram()
	list := strings.Join(d.columns(table), ", ")
	d.exec(`DROP TABLE IF EXISTS kept_row; CREATE TABLE kept_row AS SELECT ` + list + ` FROM ` + table)
	for _, x := range all {
		if state := try(x.sql); state != x.state {
			d.t.Errorf("%s: %q, want %q", x.sql, state, x.state)
		}
		problems := d.audit(nil).Problems
		switch named := slices.ContainsFunc(problems, func(p postgres.AuditProblem) bool {
			return p.Table == cmp.Or(x.table, table) && strings.Contains(p.String(), x.says)
		}); {
		case x.state != "" && len(problems) > 0:
			d.t.Errorf("%s was refused, and the audit says %v", x.sql, problems)
		case x.state == "" && !named:
			d.t.Errorf("%s: %q is not named in %v", x.sql, x.says, problems)
		}
		d.exec(`SET session_replication_role = replica`)
		d.exec(`DELETE FROM ` + table)
		d.exec(`INSERT INTO ` + table + ` (` + list + `) SELECT ` + list + ` FROM kept_row`)
		d.exec(`RESET session_replication_role`)
	}
	d.clean()
}

// guarded is a district with a batch that was sent (1), one that was approved (2), with a
// register behind it, and an account that the program has opened.
func guarded(t *testing.T) *district {
	t.Helper()
	d := openDistrict(t)
	err := d.db.AddUser(t.Context(), deskRegion, approval.User{Name: "己审批", Post: approval.Approver, Bureau: deskBureau}, "又一个相当长的口令字句", runBy)
	if err != nil {
		t.Fatal(err)
	}
	d.learn(newSheet(everyColumn).people(resident(1944), resident(1943), resident(1942, without), resident(1905)))
	d.paid(9)
	d.run(at(10))
	d.approve(at(10))
	d.learn(newSheet(everyColumn).people(resident(1944, diedOn(day(2026, 8, 20)))))
	d.run(at(10))
	if n := d.number(`SELECT count(*) FROM later_debt`); n != 2 {
		t.Fatalf("%d debts behind the batch", n)
	}
	return d
}

// TestTamperingIsNamed: whatever the program's role can change of a batch, the region and
// accounts is refused by the schema or named by the audit.
func TestTamperingIsNamed(t *testing.T) {
	t.Parallel()
	d := guarded(t)
	sent, signed := d.batch(at(9)), d.batch(at(10))
	if d.number(`SELECT count(*) FROM finding WHERE batch = $1`, sent.Number) == 0 {
		t.Fatal("no findings to take away")
	}
	of := func(sql string, b payrun.Batch) string { return strings.ReplaceAll(sql, "$b", num64(int64(b.Number))) }
	const mark, fk, denied = "送银行的标记", postgres.ForeignKeyViolation, postgres.InsufficientPrivilege
	d.clean()
	d.tamper("batch",
		tampering{sql: of(`UPDATE batch SET sent_rev = NULL WHERE batch = $b`, sent), state: fk},
		tampering{sql: of(`UPDATE batch SET sent_rev = sent_rev - 1 WHERE batch = $b`, sent), state: fk},
		tampering{sql: of(`UPDATE batch SET sent_rev = approved_rev WHERE batch = $b`, signed), says: mark},
		tampering{sql: of(`UPDATE batch SET state = 'voided' WHERE batch = $b`, signed), says: "按签字应为已审批，现为已作废"},
		tampering{sql: `INSERT INTO batch (region, batch, month, bureau, n, state, revision, pack, digest, lines, heads, pays, held, approved_rev)
			SELECT region, 900, month, bureau, 9, 'approved', revision, pack, digest, lines, heads, pays, held, approved_rev FROM batch WHERE batch = ` + num64(int64(signed.Number)),
			says: "批次 900"})
	for _, b := range []payrun.Batch{sent, signed} {
		d.tamper("finding",
			tampering{sql: of(`DELETE FROM finding WHERE batch = $b`, b), says: "检查结果"},
			tampering{sql: of(`INSERT INTO finding SELECT region, batch, 'x', person, level, kind, item, sentence FROM finding WHERE batch = $b LIMIT 1`, b), says: "检查结果"})
		d.tamper("batch_item",
			tampering{sql: of(`DELETE FROM batch_item WHERE batch = $b`, b), says: "项目合计"},
			tampering{sql: of(`INSERT INTO batch_item VALUES (140213, $b, '99', 1, 30000, 0, 0, 0)`, b), says: "项目合计"})
		d.tamper("debt", tampering{sql: of(`INSERT INTO debt VALUES (140213, $b, 1, '11', '本人', '2026-09-01', 1, '', '', '')`, b), says: "待追缴"})
	}
	d.tamper("later_debt",
		tampering{sql: `DELETE FROM later_debt`, table: "later_register", says: "后续追缴"},
		tampering{sql: `INSERT INTO later_debt SELECT region, batch, person, item, payee, '2026-11-01', 1, id_number, name, street FROM later_debt LIMIT 1`,
			table: "later_register", says: "封存时 2 条，现有 3 条"})
	d.tamper("later_register", tampering{sql: `DELETE FROM later_register`, says: "后续追缴"},
		tampering{sql: of(`INSERT INTO later_register VALUES (140213, $b, 99)`, sent), says: "多出"})
	d.tamper("region",
		tampering{sql: `UPDATE region SET opening_month = '2026-01-01'`, says: "定为 2026-09，现为 2026-01"},
		tampering{sql: `UPDATE region SET opening_month = NULL`, says: "现为 空"},
		tampering{sql: `UPDATE region SET next_person = 1`, says: "下一个人员编号"},
		tampering{sql: `UPDATE region SET head = head - 1`, table: "journal"},
		tampering{sql: `UPDATE region SET head_hash = '\x00'`, table: "journal", says: "链头"},
		tampering{sql: `UPDATE region SET name = '别的区'`, state: denied},
		tampering{sql: `UPDATE region SET region = 140214`, state: denied})
	d.tamper("account_user",
		tampering{sql: `UPDATE account_user SET password = 'x' WHERE name = '己审批'`, says: "口令被改动"})
	for _, table := range []string{"batch_sent", "part_seal", "region_opening"} {
		for _, sql := range []string{`DELETE FROM ` + table, `UPDATE ` + table + ` SET rev = rev`} {
			d.tamper(table, tampering{sql: sql, state: denied})
		}
	}
	if state := d.asProgram()(`INSERT INTO account_user (region, name, post, bureau, password) VALUES (140213, '庚审批', '审批', '区民政局', 'x')`); state != "" {
		t.Fatal(state)
	}
	report, err := d.db.AuditVerify(t.Context(), deskRegion, nil, nil)
	if err != nil || !slices.ContainsFunc(report.Problems, func(p postgres.AuditProblem) bool {
		return p.Table == "account_user" && p.Key == "用户 庚审批" && strings.Contains(p.What, "多出")
	}) {
		t.Errorf("an account that nobody opened: %v, %v", report.Problems, err)
	}
}

// TestTamperingInSigning: of a batch that is being signed every column is compared, and
// who signs next is refused.
func TestTamperingInSigning(t *testing.T) {
	t.Parallel()
	d := guarded(t)
	d.run(at(11))
	d.signTo(at(11), deskBureau, payrun.Submitted)
	b := d.batch(at(11))
	of := func(sql string) string { return strings.ReplaceAll(sql, "$b", num64(int64(b.Number))) }
	set := func(what, table, says string) tampering {
		return tampering{sql: of(`UPDATE batch SET ` + what + ` WHERE batch = $b`), table: table, says: says}
	}
	d.tamper("batch",
		set(`state = 'open'`, "", "按签字应为待复核，现为待提交"), set(`state = 'reviewed'`, "", "现为待审批"), set(`state = 'carried'`, "", "现为已结转"),
		set(`state = 'approved', approved_rev = 3`, "", "现为已审批"), set(`round = 2`, "", "应为第 1 轮"), set(`digest = '00'`, "", "摘要与签字时的不同"),
		set(`revision = revision + 1`, "draft_line", "摘要"), set(`pack = 'packhash'`, "draft_line", "摘要"), set(`lines = lines + 1`, "draft_line", "合计"),
		set(`heads = heads + 1`, "draft_line", "合计"), set(`pays = pays + 1`, "draft_line", "合计"), set(`held = held + 1`, "draft_line", "合计"))
	d.tamper("draft_line", tampering{sql: of(`DELETE FROM draft_line WHERE batch = $b`), says: "合计"},
		tampering{sql: of(`WITH x AS (DELETE FROM draft_line WHERE batch = $b RETURNING *)
			INSERT INTO draft_line SELECT region, batch, person, item, payee, month, against, kind, amount, hold, id_number, '别人', street, community, bank, account, holder FROM x`),
			says: "摘要"})
	d.tamper("debt", tampering{sql: of(`DELETE FROM debt WHERE batch = $b`), says: "待追缴"})
	if state := d.asProgram()(of(`DELETE FROM finding WHERE batch = $b AND id = (SELECT min(id) FROM finding WHERE batch = $b)`)); state != "" {
		t.Fatal(state)
	}
	_, err := d.db.Review(t.Context(), d.signingOf(at(11), reviewer, ""))
	saying(t, err, fault.Refused, "检查结果与提交时不一致", "先退回")
}

// TestOlderProgramsVerify: what an earlier program wrote has no seals, no marks and no
// digests of passwords. All of it verifies, is still compared with what there is, and the
// next month adds what was missing.
func TestOlderProgramsVerify(t *testing.T) {
	t.Parallel()
	d := guarded(t)
	d.run(at(11))
	d.signTo(at(11), deskBureau, payrun.Reviewed)
	d.age()
	d.clean()
	sent := d.batch(at(9))
	d.tamper("batch",
		tampering{sql: `UPDATE batch SET sent_rev = NULL`, says: "送银行的标记"},
		tampering{sql: `UPDATE batch SET sent_rev = approved_rev WHERE approved_rev IS NOT NULL`, says: "送银行的标记"},
		tampering{sql: `UPDATE batch SET state = 'voided' WHERE sent_rev IS NULL AND state = 'approved'`, says: "现为已作废"})
	d.tamper("batch_item", tampering{sql: `DELETE FROM batch_item WHERE batch = ` + num64(int64(sent.Number)), says: "合计"})
	if _, err := d.db.Approve(t.Context(), d.signingOf(at(11), approver, ""), deskOrder); err != nil {
		t.Fatal(err)
	}
	d.send(at(11))
	d.run(at(12))
	d.approve(at(12))
	d.clean()
	d.tamper("region", tampering{sql: `UPDATE region SET opening_month = '2026-01-01'`, says: "期初月"})
	for m := 9; m <= 12; m++ {
		d.agrees(d.batch(at(m)))
	}
}

// age makes of the database what a program of schema 0010 would have written, and chains
// the journal anew.
func (d *district) age() {
	d.t.Helper()
	d.exec(`SET session_replication_role = replica`)
	for _, table := range []string{"batch_sent", "part_seal", "region_opening"} {
		d.exec(`DELETE FROM ` + table)
		d.exec(`DELETE FROM row_digest WHERE name = $1`, table)
		d.exec(`DELETE FROM row_mark WHERE name = $1`, table)
	}
	d.exec(`RESET session_replication_role`)
	written := map[int64][]journal.Rows{}
	rows, err := d.owner.Query(d.t.Context(), `SELECT rev, name, rows, digest, marks FROM row_digest ORDER BY rev, name`)
	if err != nil {
		d.t.Fatal(err)
	}
	var rev int64
	var r journal.Rows
	_, err = pgx.ForEachRow(rows, []any{&rev, &r.Table, &r.Count, &r.Digest, &r.Marks}, func() error {
		written[rev] = append(written[rev], r)
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
	previous := journal.Genesis(deskRegion)
	err = d.db.Journal(d.t.Context(), deskRegion, time.Time{}, time.Time{}, func(l journal.Link) error {
		if l.Action == "新建用户" {
			l.Digest = ""
		}
		l.Rows = journal.RowsDigest(written[l.Rev])
		hash := journal.Hash(previous, l.Entry)
		d.exec(`UPDATE journal SET digest = $2, rows_digest = $3, previous = $4, hash = $5 WHERE rev = $1`, l.Rev, l.Digest, l.Rows, previous, hash)
		previous = hash
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
	d.exec(`UPDATE region SET head_hash = $1`, previous)
}

// TestTamperingBeforeSubmit: what a run found stands under its seal until it is submitted.
// Whoever takes a finding or a line away before is named, and the batch cannot be submitted.
func TestTamperingBeforeSubmit(t *testing.T) {
	t.Parallel()
	d := guarded(t)
	d.run(at(11))
	b := d.batch(at(11))
	of := func(sql string) string { return strings.ReplaceAll(sql, "$b", num64(int64(b.Number))) }
	d.clean()
	d.tamper("finding", tampering{sql: of(`DELETE FROM finding WHERE batch = $b`), says: "检查结果"})
	d.tamper("draft_line", tampering{sql: of(`DELETE FROM draft_line WHERE batch = $b`), says: "合计"})
	if state := d.asProgram()(of(`DELETE FROM finding WHERE batch = $b AND id = (SELECT min(id) FROM finding WHERE batch = $b)`)); state != "" {
		t.Fatal(state)
	}
	_, err := d.trySubmit(at(11))
	saying(t, err, fault.Refused, "检查结果与运行时不一致", "重新运行")
}
