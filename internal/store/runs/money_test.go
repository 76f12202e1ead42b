package runs_test

import (
	"strings"
	"testing"

	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/runs"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

// TestReturnedPayment: a failed payment is due again, all of it, and its account is
// held until a newer one is known (docs/rules.md §5.8).
func TestReturnedPayment(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	s := storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), storetest.Resident(1945), storetest.Resident(1956), storetest.Resident(1957)).Payee(storetest.House("甲院", "2001"))
	for _, year := range []int{1956, 1957} {
		s.Fact(storetest.IdOf(year), "特困", storetest.Since("集中", storetest.LongAgo)).Fact(storetest.IdOf(year), "自理能力", storetest.Since("全自理", storetest.LongAgo)).Fact(storetest.IdOf(year), "入住机构", storetest.Since("甲院", storetest.LongAgo))
	}
	d.Learn(s)
	d.Run(storetest.At(10))
	b := d.Approve(storetest.At(10))
	d.BankRefuses(b, "621944")
	d.BankRefuses(b, "2001")

	if b := storetest.Outcome(t, d.Run(storetest.At(10)), storetest.DeskBureau); b.Outcome != runs.Supplementary {
		t.Errorf("what was returned is due at once: %+v", b)
	}
	d.Want("due again", d.Lines(d.Batch(storetest.At(10))),
		"某1944 11 本人 2026-10 当月 70.00 [账户无效]",
		"某1956 19 甲院 2026-10 当月 1060.00 [账户无效]", "某1957 19 甲院 2026-10 当月 1060.00 [账户无效]")
	d.Run(storetest.At(11))
	d.Want("also next month", d.Lines(d.Batch(storetest.At(11))),
		"某1944 11 本人 2026-10 补发 70.00 [账户无效]", "某1944 11 本人 2026-11 当月 70.00 [账户无效]", "某1945 11 本人 2026-11 当月 70.00",
		"某1956 19 甲院 2026-10 补发 1060.00 [账户无效]", "某1956 19 甲院 2026-11 当月 1060.00 [账户无效]",
		"某1957 19 甲院 2026-10 补发 1060.00 [账户无效]", "某1957 19 甲院 2026-11 当月 1060.00 [账户无效]")

	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.PaidTo("6200001"))).Payee(storetest.House("甲院", "2009")))
	d.Run(storetest.At(11))
	d.Want("new accounts", d.Lines(d.Batch(storetest.At(11))),
		"某1944 11 本人 2026-10 补发 70.00", "某1944 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00",
		"某1956 19 甲院 2026-10 补发 1060.00", "某1956 19 甲院 2026-11 当月 1060.00",
		"某1957 19 甲院 2026-10 补发 1060.00", "某1957 19 甲院 2026-11 当月 1060.00")
	d.Approve(storetest.At(11))
	if b := storetest.Outcome(t, d.Run(storetest.At(11)), storetest.DeskBureau); b.Outcome != runs.NothingDue {
		t.Errorf("paid in the end: %+v", b)
	}
}

// TestReturnedNettedPayment: the payment of 16 carried the 扣回 of 23-2; when it fails,
// both are undone, so that the next batch nets them again.
func TestReturnedNettedPayment(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	disabled := func(s *storetest.Sheet) *storetest.Sheet {
		return s.People(storetest.Resident(1957)).Fact(storetest.IdOf(1957), "残疾等级", storetest.Since("一级", storetest.LongAgo)).Fact(storetest.IdOf(1957), "残疾类别", storetest.Since("肢体", storetest.LongAgo))
	}
	d.Learn(disabled(storetest.NewSheet(storetest.EveryColumn)))
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).Fact(storetest.IdOf(1957), "低保边缘", storetest.Since("是", storetest.Day(2026, 10, 1))).Fact(storetest.IdOf(1957), "生活不能自理", storetest.Since("是", storetest.Day(2026, 10, 1))))
	d.Run(storetest.At(11))
	want := []string{"某1957 16 本人 2026-10 补发 100.00", "某1957 16 本人 2026-11 当月 100.00",
		"某1957 23-1 本人 2026-10 补发 100.00", "某1957 23-1 本人 2026-11 当月 100.00", "某1957 23-2 本人 2026-10 扣回 -100.00 从16"}
	d.Want("netted", d.Lines(d.Batch(storetest.At(11))), want...)
	b := d.Approve(storetest.At(11))
	d.BankRefuses(b, "621957")
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1957, storetest.PaidTo("6200002"))))
	d.Run(storetest.At(11))
	d.Want("netted again", d.Lines(d.Batch(storetest.At(11))), want...)
	if n := d.Batch(storetest.At(11)).N; n != 2 {
		t.Errorf("batch %d", n)
	}
}

// TestOverpaid follows an overpayment through the register: found, collected in part,
// waived in part, netted when there is room.
func TestOverpaid(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), storetest.Resident(1943)))
	order := d.Order(storetest.At(10))
	order.Opening = storetest.At(8)
	d.RunOrder(order)
	d.Approve(storetest.At(10))
	d.Want("nobody owes anything", d.Register())

	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, func(p *roster.Person) { p.MovedOut = storetest.Day(2026, 8, 15) })))
	if b := storetest.Outcome(t, d.Run(storetest.At(10)), storetest.DeskBureau); b.Outcome != runs.NothingDue {
		t.Errorf("only a debt: %+v", b)
	}
	d.Want("found without a batch", d.Register(), "某1944 11 本人 2026-09 70.00", "某1944 11 本人 2026-10 70.00")
	if n := d.Number(`SELECT count(*) FROM later_register`); n != 1 {
		t.Errorf("%d registers behind approved batches", n)
	}
	d.Run(storetest.At(10))
	d.Want("found again", d.Register(), "某1944 11 本人 2026-09 70.00", "某1944 11 本人 2026-10 70.00")

	d.Later(
		`INSERT INTO ledger (region, person, item, payee, month, rev, against, kind, amount, batch)
		 SELECT region, person, item, payee, month, $1, item, 4, -2000, 0 FROM later_debt WHERE month = '2026-09-01'`,
		`INSERT INTO waiver (region, person, item, payee, month, rev, amount, actor, approver, reason)
		 SELECT region, person, item, payee, month, $1, 4500, '甲', '乙', '家境' FROM later_debt WHERE month = '2026-10-01'`)
	d.Run(storetest.At(11))
	d.Want("collected and waived", d.Register(), "某1944 11 本人 2026-09 50.00", "某1944 11 本人 2026-10 25.00")
	d.Want("lines", d.Lines(d.Batch(storetest.At(11))), "某1943 11 本人 2026-11 当月 70.00")
	if n := d.Number(`SELECT count(*) FROM later_debt`) + d.Number(`SELECT count(*) FROM later_register`); n != 0 {
		t.Errorf("%d rows behind a batch that a newer one has taken over from", n)
	}
	d.Approve(storetest.At(11))

	// Back since October: October was due after all, and what was waived stays waived.
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, func(p *roster.Person) { p.MovedOut, p.MovedIn = storetest.Day(2026, 8, 15), storetest.Day(2026, 9, 20) })))
	d.Run(storetest.At(12))
	d.Want("netted", d.Lines(d.Batch(storetest.At(12))),
		"某1943 11 本人 2026-12 当月 70.00",
		"某1944 11 本人 2026-09 扣回 -50.00 从11", "某1944 11 本人 2026-11 补发 70.00", "某1944 11 本人 2026-12 当月 70.00")
	d.Want("nothing is open", d.Register())
	b := d.Approve(storetest.At(12))
	if d.Number(`SELECT amount FROM payment WHERE batch = $1 AND id_number = $2`, b.Number, storetest.IdOf(1944)) != 9000 {
		t.Error("the payment is not the sum of the lines")
	}
}

// TestDebtOfWhoIsNeverPaidAgain stays on the register from batch to batch.
func TestDebtOfWhoIsNeverPaidAgain(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), storetest.Resident(1943)))
	d.Run(storetest.At(9))
	d.Approve(storetest.At(9))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.DiedOn(storetest.Day(2026, 8, 31)))))
	for m := 10; m <= 12; m++ {
		d.Run(storetest.At(m))
		d.Want("register", d.Register(), "某1944 11 本人 2026-09 70.00")
		if m != 11 {
			d.Approve(storetest.At(m))
		}
	}
	d.Later(`INSERT INTO ledger (region, person, item, payee, month, rev, against, kind, amount, batch)
		SELECT region, person, item, payee, month, $1, item, 4, -7000, 0 FROM debt WHERE batch = ` + storetest.Num(d.Batch(storetest.At(12))))
	d.Run(storetest.At(12))
	d.Want("collected", d.Register())
}

// TestOpeningEntries: debts and credits of the old system (期初) are netted and paid,
// though nothing before the opening month is computed.
func TestOpeningEntries(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944), storetest.Resident(1943), storetest.Resident(1956)))
	person := func(year string) string { return `(SELECT person FROM person WHERE name = '某` + year + `')` }
	d.Later(`INSERT INTO ledger (region, person, item, payee, month, rev, against, kind, amount, batch) VALUES
		(140213, ` + person("1944") + `, '11', '本人', '2026-03-01', $1, '11', 5, 10000, 0),
		(140213, ` + person("1943") + `, '11', '本人', '2026-04-01', $1, '11', 5, -3000, 0),
		(140213, ` + person("1956") + `, '16', '本人', '2026-04-01', $1, '16', 5, 10000, 0)`)
	d.Run(storetest.At(11))
	d.Want("November", d.Lines(d.Batch(storetest.At(11))),
		"某1943 11 本人 2026-04 补发 30.00", "某1943 11 本人 2026-11 当月 70.00",
		"某1944 11 本人 2026-03 扣回 -70.00 从11", "某1944 11 本人 2026-11 当月 70.00")
	d.Want("register", d.Register(), "某1944 11 本人 2026-03 30.00", "某1956 16 本人 2026-04 100.00")
	d.Approve(storetest.At(11))
	d.Run(storetest.At(12))
	d.Want("December", d.Lines(d.Batch(storetest.At(12))),
		"某1943 11 本人 2026-12 当月 70.00", "某1944 11 本人 2026-03 扣回 -30.00 从11", "某1944 11 本人 2026-12 当月 70.00")
	d.Want("register", d.Register(), "某1956 16 本人 2026-04 100.00")
}

// TestBlockedFromSubmitting: a rate without a value stops submit, not run (docs/rules.md §6.1).
func TestBlockedFromSubmitting(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1940)))
	order := d.Order(storetest.At(11))
	order.Opening = storetest.At(11) - 35 // 2023-12: no rate had a value then
	d.RunOrder(order)
	var sentences []string
	for _, f := range d.Findings(d.Batch(storetest.At(11)), payrun.Blocking) {
		sentences = append(sentences, f.Sentence)
	}
	d.Want("blocking", sentences, "标准“高龄津贴标准”在 2023年12月 没有值，项目 11 有 1 人无法计算，请在规则包中补上")
	_, err := signing.Submit(t.Context(), d.Db, storetest.By(storetest.Clerk, "看过"), signing.Submission{AcknowledgeAll: true, Judge: storetest.Agrees})
	storetest.Saying(t, err, fault.Refused, "高龄津贴标准")
}

// TestStoredBatchIsNotTrusted: a draft changed past the program is found by the judge
// and by the digest, whatever was changed.
func TestStoredBatchIsNotTrusted(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.SomeTown())
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1926, storetest.DiedOn(storetest.Day(2026, 9, 30))), storetest.Resident(1945)))
	d.Run(storetest.At(11))
	b := d.Batch(storetest.At(11))
	restore := keepRun(d)
	for _, c := range []struct {
		name, sql, says string
		digest          bool // the lines' digest changes as well
	}{
		{"an amount", `UPDATE draft_line SET amount = amount + 1 WHERE item = '11' AND name = '某1944' AND batch = $1`, "金额不一致，系统为70.01元，复算为70.00元", true},
		{"a hold taken off", `UPDATE draft_line SET hold = 0 WHERE name = '某1950' AND batch = $1`, "暂缓原因不一致，系统为无，复算为疑点未决", true},
		{"a line less", `DELETE FROM draft_line WHERE name = '某1945' AND kind = 2 AND batch = $1`, "系统为无，复算为70.00元", true},
		{"a line more", `INSERT INTO draft_line SELECT region, batch, person, '12', payee, month, '12', kind, 30000, 0, id_number, name, street, community, bank, account, holder
			FROM draft_line WHERE name = '某1944' AND batch = $1`, "项目 12，2026-11，当月：金额不一致，系统为300.00元，复算为无", true},
		{"an account", `UPDATE draft_line SET account = '999' WHERE name = '某1944' AND batch = $1`, "银行账号不一致", true},
		{"a debt less", `DELETE FROM debt WHERE batch = $1`, "待追缴金额不一致，系统为无", false},
		{"a debt more", `UPDATE debt SET amount = amount + 1 WHERE batch = $1`, "待追缴金额不一致", false},
		{"the total", `UPDATE batch SET pays = pays + 1 WHERE batch = $1`, "应发合计不一致", false},
		{"an item's total", `UPDATE batch_item SET arrears = arrears + 1 WHERE item = '11' AND batch = $1`, "项目 11：补发合计不一致", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer restore()
			d.Exec(c.sql, b.Number)
			if found := strings.Join(d.Judge(b), "\n"); !strings.Contains(found, c.says) {
				t.Errorf("the judge says %q, want %q", found, c.says)
			}
			digest, err := batches.StoredDigest(t.Context(), d.Db, storetest.DeskRegion, b)
			if err != nil || (digest != b.Digest) != c.digest {
				t.Errorf("digest changed: %v, %v, want %v", digest != b.Digest, err, c.digest)
			}
			s := storetest.By(storetest.Clerk, "看过")
			s.Month = storetest.At(11)
			_, err = signing.Submit(t.Context(), d.Db, s, signing.Submission{AcknowledgeAll: true, Judge: storetest.Agrees})
			if c.name[:6] != "a debt" { // of a debt only the judge knows
				storetest.Saying(t, err, fault.Refused, "不能签字")
			}
		})
	}
	d.Agrees(b)
}

// keepRun keeps the tables that tampering spoils and returns what puts them back.
func keepRun(d *storetest.District) (restore func()) {
	d.T.Helper()
	put := []string{`SET session_replication_role = replica`}
	for _, table := range []string{"draft_line", "debt", "batch_item", "batch", "signature", "acknowledgement", "region", "journal"} {
		columns := "*"
		if table == "signature" {
			columns = storetest.SignatureColumns
		}
		d.Exec(`CREATE TABLE safe_` + table + ` AS SELECT ` + columns + ` FROM ` + table)
		if columns == "*" {
			put = append(put, `DELETE FROM `+table, `INSERT INTO `+table+` TABLE safe_`+table)
		} else {
			put = append(put, `DELETE FROM `+table, `INSERT INTO `+table+` (`+columns+`) TABLE safe_`+table)
		}
	}
	put = append(put, `RESET session_replication_role`)
	return func() { d.Exec(strings.Join(put, "; ")) }
}
