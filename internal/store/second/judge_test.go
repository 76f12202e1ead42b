package second_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/policy/packfile"
	"disburse/internal/store/batches"
	"disburse/internal/store/runs"
	"disburse/internal/store/second"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

// judged is a district that runs months with the built-in pack.
type judged struct {
	*population
	pack *policy.Pack
	file *packfile.File // read by itself, as the judge does
}

func openJudged(t testing.TB, people int64) *judged {
	t.Helper()
	p := newPopulation(storetest.OpenDesk(t))
	p.Exec(`UPDATE region SET opening_month = '2026-09-01'`)
	p.people(people)
	file, err := packfile.Parse(policy.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	return &judged{p, p.builtinPack(), file}
}

// run runs a month and returns the batch of 区民政局 and whether it is a new one.
func (j *judged) run(m month.Month) payrun.Batch {
	j.T.Helper()
	_, err := runs.Run(j.T.Context(), j.Db, runs.Order{Region: storetest.DeskRegion, Month: m, Pack: j.pack, By: journal.By{Actor: "os:tester", At: storetest.DeskNow}})
	if err != nil {
		j.T.Fatal(err)
	}
	b, err := batches.Latest(j.T.Context(), j.Db, storetest.DeskRegion, m, storetest.DeskBureau)
	if err != nil {
		j.T.Fatal(err)
	}
	return b
}

func (j *judged) judge(b int32) []string {
	j.T.Helper()
	sentences, err := j.sentences(j.T.Context(), b)
	if err != nil {
		j.T.Fatal(err)
	}
	return sentences
}

func (j *judged) sentences(ctx context.Context, b int32) ([]string, error) {
	found, err := second.Judge(ctx, j.Db, storetest.DeskRegion, b, j.file, nil)
	var all []string
	for i := range found {
		all = append(all, found[i].Sentence())
	}
	return all, err
}

// agreed insists that judge and engine agree on the batches of a month that pay.
func (j *judged) agreed(m month.Month) {
	j.T.Helper()
	batches, err := batches.OfMonth(j.T.Context(), j.Db, storetest.DeskRegion, m)
	if err != nil {
		j.T.Fatal(err)
	}
	for _, b := range batches {
		if b.Bureau != storetest.DeskBureau && b.Bureau != "区人社局" {
			continue
		}
		for i, s := range j.judge(b.Number) {
			if i == 10 {
				break
			}
			j.T.Errorf("%s %s 批次 %d: %s", b.Month, b.Bureau, b.N, s)
		}
	}
}

// sign takes the bureau's batch of the month through its posts, the judge looking on.
func (j *judged) sign(m month.Month) {
	j.T.Helper()
	signingList := func(u approval.User) signing.Order {
		s := storetest.By(u, "核对无误")
		s.Month = m
		return s
	}
	ctx := j.T.Context()
	if _, err := signing.Submit(ctx, j.Db, signingList(storetest.Clerk), signing.Submission{AcknowledgeAll: true, Judge: j.sentences}); err != nil {
		j.T.Fatal(err)
	}
	if _, err := signing.Review(ctx, j.Db, signingList(storetest.Reviewer)); err != nil {
		j.T.Fatal(err)
	}
	if _, err := signing.Approve(ctx, j.Db, signingList(storetest.Approver), storetest.DeskOrder); err != nil {
		j.T.Fatal(err)
	}
}

// release decides every third 疑点 of a batch.
func (j *judged) release(b payrun.Batch) {
	j.begin()
	j.Exec(`INSERT INTO decision (region, id, rev, release, actor, reason)
		SELECT DISTINCT region, id, $1::bigint, true, '甲经办', '已核实' FROM finding WHERE batch = $2 AND level = 2 AND abs(hashtext(id)) % 3 = 0`, j.rev, b.Number)
	j.Exec(`INSERT INTO decision (region, id, rev, release, actor, reason)
		SELECT DISTINCT region, id, $1::bigint, false, '甲经办', '继续暂缓' FROM finding WHERE batch = $2 AND level = 2 AND abs(hashtext(id)) % 3 = 1`, j.rev, b.Number)
	j.end()
}

// TestJudgeAgreesWithRuns goes through four months with changes of knowledge, decisions,
// returned payments, waivers, a month nobody submitted and a supplementary batch.
func TestJudgeAgreesWithRuns(t *testing.T) {
	t.Parallel()
	j := openJudged(t, 700)
	at := func(m int) month.Month { return month.Of(2026, m) }

	b := j.run(at(9))
	j.agreed(at(9))
	j.release(b)
	j.run(at(9))
	j.agreed(at(9))
	j.sign(at(9))
	j.agreed(at(9))

	j.news()
	j.run(at(10)) // nobody submits it
	j.agreed(at(10))

	j.news()
	j.returns()
	b = j.run(at(11))
	j.agreed(at(11))
	j.sign(at(11))
	j.settleDebts(b.Number)
	j.news()
	b = j.run(at(11))
	j.agreed(at(11))
	if b.N != 2 {
		t.Errorf("the supplementary batch has number %d, want 2", b.N)
	}
	j.sign(at(11))

	j.news()
	j.returns()
	b = j.run(at(12))
	j.agreed(at(12))
	j.sign(at(12))
	j.agreed(at(9))
	j.agreed(at(11))
	j.variety(b)
}

// variety makes sure that the people of the test had something to disagree about.
func (j *judged) variety(b payrun.Batch) {
	j.T.Helper()
	for what, sql := range map[string]string{
		"补发":          `SELECT count(*) FROM line WHERE batch = $1 AND kind = 2`,
		"扣回":          `SELECT count(*) FROM line WHERE batch = $1 AND kind = 3`,
		"扣回 (1)":      `SELECT count(*) FROM line WHERE batch = $1 AND kind = 3 AND against <> item`,
		"扣回 (2)":      `SELECT count(*) FROM line WHERE batch = $1 AND kind = 3 AND against = item`,
		"追缴":          `SELECT count(*) FROM debt WHERE batch = $1`,
		"institution": `SELECT count(*) FROM line WHERE batch = $1 AND payee = '甲院'`,
	} {
		if j.Number(sql, b.Number) == 0 {
			j.T.Errorf("no line of batch %d shows %s: the test proves nothing about it", b.Number, what)
		}
	}
	for bit, what := range []string{"无账户", "账户无效", "已故待领", "暂停发放", "疑点未决"} {
		if j.Number(`SELECT count(*) FROM line WHERE batch = $1 AND hold & $2::smallint <> 0`, b.Number, 1<<bit) == 0 {
			j.T.Errorf("no line is held for %s", what)
		}
	}
	if items := j.Number(`SELECT count(DISTINCT item) FROM line`); items < 12 {
		j.T.Errorf("lines of %d items only", items)
	}
}

// TestJudgeFindsTampering spoils a stored batch in one way at a time.
func TestJudgeFindsTampering(t *testing.T) {
	t.Parallel()
	j := openJudged(t, 400)
	j.run(month.Of(2026, 9))
	j.sign(month.Of(2026, 9))
	j.news()
	b := j.run(month.Of(2026, 10))
	if found := j.judge(b.Number); len(found) > 0 {
		t.Fatalf("before anything was spoilt: %v", found)
	}
	one := ` WHERE (person, item, payee, month, against) = (SELECT person, item, payee, month, against FROM draft_line
		WHERE batch = ` + "(SELECT max(batch) FROM batch WHERE month = '2026-10-01' AND bureau = '区民政局')" + ` AND kind = 1 AND hold = 0 ORDER BY person LIMIT 1)`
	for _, c := range []struct{ name, spoil, says string }{
		{"an amount", `UPDATE draft_line SET amount = amount + 1` + one, "金额不一致"},
		{"a line less", `DELETE FROM draft_line` + one, "金额不一致，系统为无"},
		{"a line more", `INSERT INTO draft_line SELECT region, batch, person, '24', payee, month, '24', kind, 1, hold, id_number, name, street, community, bank, account, holder FROM draft_line` + one,
			"项目 24，2026-10，当月：金额不一致，系统为0.01元，复算为无"},
		{"somebody unknown", `UPDATE draft_line SET person = 999999` + one, "复算为无"},
		{"another account", `UPDATE draft_line SET account = '1'` + one, "银行账号不一致，系统为1"},
		{"another holder", `UPDATE draft_line SET holder = '别人'` + one, "账户户名不一致，系统为别人"},
		{"a hold", `UPDATE draft_line SET hold = 8` + one, "暂缓原因不一致，系统为暂停发放，复算为无"},
		{"another month", `UPDATE draft_line SET month = '2026-08-01', kind = 2` + one, "2026-08，补发：金额不一致"},
		{"another payee", `UPDATE draft_line SET payee = '甲院'` + one, "付给甲院：金额不一致"},
		{"a debt less", `DELETE FROM debt WHERE batch = (SELECT max(batch) FROM debt)`, "待追缴金额不一致，系统为无"},
		{"another debt", `UPDATE debt SET amount = amount - 1 WHERE amount > 1`, "待追缴金额不一致"},
		{"the total", `UPDATE batch SET pays = pays + 1 WHERE state = 'open'`, "整批：应发合计不一致"},
		{"the heads", `UPDATE batch SET heads = heads - 1 WHERE state = 'open'`, "整批：人数不一致"},
		{"an item's total", `UPDATE batch_item SET current = current + 1 WHERE item = '11'`, "项目 11：当月合计不一致"},
		{"a birth date", `UPDATE person SET birth = birth + 1 WHERE person = 5`, "出生日期不一致"},
	} {
		t.Run(c.name, func(t *testing.T) {
			put := j.keepAll()
			j.Exec(c.spoil)
			found := strings.Join(j.judge(b.Number), "\n")
			put()
			if !strings.Contains(found, c.says) {
				t.Errorf("found %q, want it to say %q", found, c.says)
			}
		})
	}
}

// keepAll keeps the tables that the tampering touches.
func (j *judged) keepAll() (restore func()) {
	j.T.Helper()
	tables := []string{"draft_line", "debt", "batch_item", "batch", "person"}
	put := []string{`SET session_replication_role = replica`}
	for _, table := range tables {
		j.Exec(`DROP TABLE IF EXISTS kept_` + table)
		j.Exec(`CREATE TABLE kept_` + table + ` AS TABLE ` + table)
		put = append(put, `DELETE FROM `+table, `INSERT INTO `+table+` TABLE kept_`+table)
	}
	put = append(put, `RESET session_replication_role`)
	return func() { j.Exec(strings.Join(put, "; ")) }
}

func TestJudgeUnknownBatch(t *testing.T) {
	t.Parallel()
	j := openJudged(t, 1)
	_, err := second.Judge(t.Context(), j.Db, storetest.DeskRegion, 42, j.file, nil)
	storetest.Refused(t, err, fault.NotFound, "没有编号为 42 的批次")
}

// BenchmarkJudge says how long the judge takes for a batch; go test -bench Judge -benchtime 1x.
func BenchmarkJudge(b *testing.B) {
	const people = 20000
	j := openJudged(b, people)
	batch := j.run(month.Of(2026, 12))
	b.ResetTimer()
	for b.Loop() {
		start := time.Now()
		if found := j.judge(batch.Number); len(found) > 0 {
			b.Fatal(found[0])
		}
		b.ReportMetric(float64(people)/time.Since(start).Seconds(), "people/s")
	}
}
