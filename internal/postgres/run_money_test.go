package postgres_test

import (
	"strings"
	"testing"

	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// bankRefuses writes what reading a bank's result will write: the payments of an
// account failed, and every line they carried is undone in the ledger.
func (d *district) bankRefuses(b payrun.Batch, account string) {
	d.t.Helper()
	d.later(
		`INSERT INTO payment_result (region, batch, file, seq, rev, outcome, code, reason, account)
		 SELECT region, batch, file, seq, $1, 2, '3018', '清户', account FROM payment WHERE batch = `+num(b)+` AND account = '`+account+`'`,
		`INSERT INTO ledger (region, person, item, payee, month, rev, against, kind, amount, batch)
		 SELECT l.region, l.person, l.item, l.payee, l.month, $1, l.against, 2, -l.amount, l.batch
		 FROM line l JOIN payment p USING (region, batch, file, seq) WHERE l.batch = `+num(b)+` AND p.account = '`+account+`'`)
}

// TestReturnedPayment: a failed payment is due again, all of it, and its account is
// held until a newer one is known (docs/rules.md §5.8).
func TestReturnedPayment(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	s := newSheet(everyColumn).people(resident(1944), resident(1945), resident(1956), resident(1957)).payee(house("甲院", "2001"))
	for _, year := range []int{1956, 1957} {
		s.fact(idOf(year), "特困", since("集中", longAgo)).fact(idOf(year), "自理能力", since("全自理", longAgo)).fact(idOf(year), "入住机构", since("甲院", longAgo))
	}
	d.learn(s)
	d.run(at(10))
	b := d.approve(at(10))
	d.bankRefuses(b, "621944")
	d.bankRefuses(b, "2001")

	if b := outcome(t, d.run(at(10)), deskBureau); b.Outcome != postgres.Supplementary {
		t.Errorf("what was returned is due at once: %+v", b)
	}
	d.want("due again", d.lines(d.batch(at(10))),
		"某1944 11 本人 2026-10 当月 70.00 [账户无效]",
		"某1956 19 甲院 2026-10 当月 1060.00 [账户无效]", "某1957 19 甲院 2026-10 当月 1060.00 [账户无效]")
	d.run(at(11))
	d.want("also next month", d.lines(d.batch(at(11))),
		"某1944 11 本人 2026-10 补发 70.00 [账户无效]", "某1944 11 本人 2026-11 当月 70.00 [账户无效]", "某1945 11 本人 2026-11 当月 70.00",
		"某1956 19 甲院 2026-10 补发 1060.00 [账户无效]", "某1956 19 甲院 2026-11 当月 1060.00 [账户无效]",
		"某1957 19 甲院 2026-10 补发 1060.00 [账户无效]", "某1957 19 甲院 2026-11 当月 1060.00 [账户无效]")

	d.learn(newSheet(everyColumn).people(resident(1944, paidTo("6200001"))).payee(house("甲院", "2009")))
	d.run(at(11))
	d.want("new accounts", d.lines(d.batch(at(11))),
		"某1944 11 本人 2026-10 补发 70.00", "某1944 11 本人 2026-11 当月 70.00", "某1945 11 本人 2026-11 当月 70.00",
		"某1956 19 甲院 2026-10 补发 1060.00", "某1956 19 甲院 2026-11 当月 1060.00",
		"某1957 19 甲院 2026-10 补发 1060.00", "某1957 19 甲院 2026-11 当月 1060.00")
	d.approve(at(11))
	if b := outcome(t, d.run(at(11)), deskBureau); b.Outcome != postgres.NothingDue {
		t.Errorf("paid in the end: %+v", b)
	}
}

// TestReturnedNettedPayment: the payment of 16 carried the 扣回 of 23-2; when it fails,
// both are undone, so that the next batch nets them again.
func TestReturnedNettedPayment(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	disabled := func(s *sheet) *sheet {
		return s.people(resident(1957)).fact(idOf(1957), "残疾等级", since("一级", longAgo)).fact(idOf(1957), "残疾类别", since("肢体", longAgo))
	}
	d.learn(disabled(newSheet(everyColumn)))
	d.run(at(10))
	d.approve(at(10))
	d.learn(newSheet(everyColumn).fact(idOf(1957), "低保边缘", since("是", day(2026, 10, 1))).fact(idOf(1957), "生活不能自理", since("是", day(2026, 10, 1))))
	d.run(at(11))
	want := []string{"某1957 16 本人 2026-10 补发 100.00", "某1957 16 本人 2026-11 当月 100.00",
		"某1957 23-1 本人 2026-10 补发 100.00", "某1957 23-1 本人 2026-11 当月 100.00", "某1957 23-2 本人 2026-10 扣回 -100.00 从16"}
	d.want("netted", d.lines(d.batch(at(11))), want...)
	b := d.approve(at(11))
	d.bankRefuses(b, "621957")
	d.learn(newSheet(everyColumn).people(resident(1957, paidTo("6200002"))))
	d.run(at(11))
	d.want("netted again", d.lines(d.batch(at(11))), want...)
	if n := d.batch(at(11)).N; n != 2 {
		t.Errorf("batch %d", n)
	}
}

// TestOverpaid follows an overpayment through the register: found, collected in part,
// waived in part, netted when there is room.
func TestOverpaid(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944), resident(1943)))
	order := d.order(at(10))
	order.Opening = at(8)
	d.runOrder(order)
	d.approve(at(10))
	d.want("nobody owes anything", d.register())

	d.learn(newSheet(everyColumn).people(resident(1944, func(p *roster.Person) { p.MovedOut = day(2026, 8, 15) })))
	if b := outcome(t, d.run(at(10)), deskBureau); b.Outcome != postgres.NothingDue {
		t.Errorf("only a debt: %+v", b)
	}
	d.want("found without a batch", d.register(), "某1944 11 本人 2026-09 70.00", "某1944 11 本人 2026-10 70.00")
	if n := d.number(`SELECT count(*) FROM later_register`); n != 1 {
		t.Errorf("%d registers behind approved batches", n)
	}
	d.run(at(10))
	d.want("found again", d.register(), "某1944 11 本人 2026-09 70.00", "某1944 11 本人 2026-10 70.00")

	d.later(
		`INSERT INTO ledger (region, person, item, payee, month, rev, against, kind, amount, batch)
		 SELECT region, person, item, payee, month, $1, item, 4, -2000, 0 FROM later_debt WHERE month = '2026-09-01'`,
		`INSERT INTO waiver (region, person, item, payee, month, rev, amount, actor, approver, reason)
		 SELECT region, person, item, payee, month, $1, 4500, '甲', '乙', '家境' FROM later_debt WHERE month = '2026-10-01'`)
	d.run(at(11))
	d.want("collected and waived", d.register(), "某1944 11 本人 2026-09 50.00", "某1944 11 本人 2026-10 25.00")
	d.want("lines", d.lines(d.batch(at(11))), "某1943 11 本人 2026-11 当月 70.00")
	if n := d.number(`SELECT count(*) FROM later_debt`) + d.number(`SELECT count(*) FROM later_register`); n != 0 {
		t.Errorf("%d rows behind a batch that a newer one has taken over from", n)
	}
	d.approve(at(11))

	// Back since October: October was due after all, and what was waived stays waived.
	d.learn(newSheet(everyColumn).people(resident(1944, func(p *roster.Person) { p.MovedOut, p.MovedIn = day(2026, 8, 15), day(2026, 9, 20) })))
	d.run(at(12))
	d.want("netted", d.lines(d.batch(at(12))),
		"某1943 11 本人 2026-12 当月 70.00",
		"某1944 11 本人 2026-09 扣回 -50.00 从11", "某1944 11 本人 2026-11 补发 70.00", "某1944 11 本人 2026-12 当月 70.00")
	d.want("nothing is open", d.register())
	b := d.approve(at(12))
	if d.number(`SELECT amount FROM payment WHERE batch = $1 AND id_number = $2`, b.Number, idOf(1944)) != 9000 {
		t.Error("the payment is not the sum of the lines")
	}
}

// TestDebtOfWhoIsNeverPaidAgain stays on the register from batch to batch.
func TestDebtOfWhoIsNeverPaidAgain(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944), resident(1943)))
	d.run(at(9))
	d.approve(at(9))
	d.learn(newSheet(everyColumn).people(resident(1944, diedOn(day(2026, 8, 31)))))
	for m := 10; m <= 12; m++ {
		d.run(at(m))
		d.want("register", d.register(), "某1944 11 本人 2026-09 70.00")
		if m != 11 {
			d.approve(at(m))
		}
	}
	d.later(`INSERT INTO ledger (region, person, item, payee, month, rev, against, kind, amount, batch)
		SELECT region, person, item, payee, month, $1, item, 4, -7000, 0 FROM debt WHERE batch = ` + num(d.batch(at(12))))
	d.run(at(12))
	d.want("collected", d.register())
}

// TestOpeningEntries: debts and credits of the old system (期初) are netted and paid,
// though nothing before the opening month is computed.
func TestOpeningEntries(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1944), resident(1943), resident(1956)))
	person := func(year string) string { return `(SELECT person FROM person WHERE name = '某` + year + `')` }
	d.later(`INSERT INTO ledger (region, person, item, payee, month, rev, against, kind, amount, batch) VALUES
		(140213, ` + person("1944") + `, '11', '本人', '2026-03-01', $1, '11', 5, 10000, 0),
		(140213, ` + person("1943") + `, '11', '本人', '2026-04-01', $1, '11', 5, -3000, 0),
		(140213, ` + person("1956") + `, '16', '本人', '2026-04-01', $1, '16', 5, 10000, 0)`)
	d.run(at(11))
	d.want("November", d.lines(d.batch(at(11))),
		"某1943 11 本人 2026-04 补发 30.00", "某1943 11 本人 2026-11 当月 70.00",
		"某1944 11 本人 2026-03 扣回 -70.00 从11", "某1944 11 本人 2026-11 当月 70.00")
	d.want("register", d.register(), "某1944 11 本人 2026-03 30.00", "某1956 16 本人 2026-04 100.00")
	d.approve(at(11))
	d.run(at(12))
	d.want("December", d.lines(d.batch(at(12))),
		"某1943 11 本人 2026-12 当月 70.00", "某1944 11 本人 2026-03 扣回 -30.00 从11", "某1944 11 本人 2026-12 当月 70.00")
	d.want("register", d.register(), "某1956 16 本人 2026-04 100.00")
}

// TestBlockedFromSubmitting: a rate without a value stops submit, not run (docs/rules.md §6.1).
func TestBlockedFromSubmitting(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(newSheet(everyColumn).people(resident(1940)))
	order := d.order(at(11))
	order.Opening = at(11) - 35 // 2023-12: no rate had a value then
	d.runOrder(order)
	var sentences []string
	for _, f := range d.findings(d.batch(at(11)), payrun.Blocking) {
		sentences = append(sentences, f.Sentence)
	}
	d.want("blocking", sentences, "标准“高龄津贴标准”在 2023年12月 没有值，项目 11 有 1 人无法计算，请在规则包中补上")
	_, err := d.db.Submit(t.Context(), by(clerk, "看过"), postgres.Submission{AcknowledgeAll: true, Judge: agrees})
	saying(t, err, fault.Refused, "高龄津贴标准")
}

// TestStoredBatchIsNotTrusted: a draft changed past the program is found by the judge
// and by the digest, whatever was changed.
func TestStoredBatchIsNotTrusted(t *testing.T) {
	t.Parallel()
	d := openDistrict(t)
	d.learn(someTown())
	d.run(at(10))
	d.approve(at(10))
	d.learn(newSheet(everyColumn).people(resident(1926, diedOn(day(2026, 9, 30))), resident(1945)))
	d.run(at(11))
	b := d.batch(at(11))
	restore := d.keepRun()
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
			d.exec(c.sql, b.Number)
			if found := strings.Join(d.judge(b), "\n"); !strings.Contains(found, c.says) {
				t.Errorf("the judge says %q, want %q", found, c.says)
			}
			digest, err := d.db.StoredDigest(t.Context(), deskRegion, b)
			if err != nil || (digest != b.Digest) != c.digest {
				t.Errorf("digest changed: %v, %v, want %v", digest != b.Digest, err, c.digest)
			}
			s := by(clerk, "看过")
			s.Month = at(11)
			_, err = d.db.Submit(t.Context(), s, postgres.Submission{AcknowledgeAll: true, Judge: agrees})
			if c.name[:6] != "a debt" { // of a debt only the judge knows
				saying(t, err, fault.Refused, "不能签字")
			}
		})
	}
	d.agrees(b)
}

// keepRun keeps the tables that tampering spoils and returns what puts them back.
func (d *district) keepRun() (restore func()) {
	d.t.Helper()
	put := []string{`SET session_replication_role = replica`}
	for _, table := range []string{"draft_line", "debt", "batch_item", "batch", "signature", "acknowledgement", "region", "journal"} {
		columns := "*"
		if table == "signature" {
			columns = signatureColumns
		}
		d.exec(`CREATE TABLE safe_` + table + ` AS SELECT ` + columns + ` FROM ` + table)
		if columns == "*" {
			put = append(put, `DELETE FROM `+table, `INSERT INTO `+table+` TABLE safe_`+table)
		} else {
			put = append(put, `DELETE FROM `+table, `INSERT INTO `+table+` (`+columns+`) TABLE safe_`+table)
		}
	}
	put = append(put, `RESET session_replication_role`)
	return func() { d.exec(strings.Join(put, "; ")) }
}
