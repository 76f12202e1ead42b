package console_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"disburse/internal/approval"
	"disburse/internal/bank"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office/monthly"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/payments"
	"disburse/internal/store/people"
	"disburse/internal/store/recovery"
	"disburse/internal/store/signing"
)

// benchPeople is how many people the benchmark's district has.
func benchPeople(b *testing.B) int {
	b.Helper()
	text := os.Getenv("DISBURSE_BENCH_PEOPLE")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// settleDistrict makes two months of a district in which everybody is paid: november was
// computed, signed, sent and answered by the banks file by file, then people died, came
// and changed, and december was computed. All of it goes through the program but for the
// roster, and for the second computation, which would take most of the time.
func (s *site) settleDistrict(b *testing.B, people int) {
	b.Helper()
	step := stepper()
	s.people(300)
	s.fillPeople(people)
	s.fillFacts(people)
	s.exec(`VACUUM ANALYZE person, fact`)
	step("花名册")
	s.run(november)
	step("运行上月")
	s.signUnjudged(b, november)
	step("签批")
	s.answer(b, november)
	step("回盘")
	s.moveOn(b, people)
	s.run(november + 1)
	step("运行本月")
	s.exec(`VACUUM ANALYZE`)
	step("VACUUM")
}

// stepper prints how long each step took: a million people take minutes.
func stepper() func(name string) {
	last := time.Now()
	return func(name string) {
		fmt.Printf("准备：%s %.1f 秒\n", name, time.Since(last).Seconds())
		last = time.Now()
	}
}

// fillPeople stores n made-up people of 80 and more from number 1001 on, with names that
// are shared as names are (one in twelve is called 王), but by nobody of the same birthday:
// that would be a 疑点 and hold both.
func (s *site) fillPeople(n int) {
	s.t.Helper()
	pack := s.office.Pack.File
	var streets, banks []string
	for _, x := range pack.Streets {
		streets = append(streets, x.Value)
	}
	for _, x := range pack.Banks[:6] {
		banks = append(banks, x.Name.Value)
	}
	s.exec(`INSERT INTO person SELECT 140213, 1000 + p, 1, body || substr('10X98765432', 1 + (SELECT sum(substr(body, i::int, 1)::int * w)::int
			FROM unnest(ARRAY[7,9,10,5,8,4,2,1,6,3,7,9,10,5,8,4,2]) WITH ORDINALITY AS x (w, i)) % 11, 1),
		(ARRAY['王','李','张','刘','陈','杨','赵','黄','周','吴','徐','孙'])[1 + (p % 7335 + p / 7335) % 12]
		|| (ARRAY['秀','桂','玉','淑','建','国','志','文','永','春','凤','金'])[1 + (p % 7335 / 12 + p / 7335 / 12) % 12]
		|| (ARRAY['英','兰','珍','华','明','军','强','芳','梅','平','山'])[1 + p % 11],
		($2::text[])[1 + p % cardinality($2::text[])], '社区' || p % 200, '住址' || p, '', born, NULL, NULL, NULL,
		($3::text[])[1 + p % cardinality($3::text[])], CASE WHEN p % 400 = 3 THEN '' WHEN p % 50 = 4 THEN '62' || lpad(p::text, 14, '0') ELSE '14029900' || lpad(p::text, 14, '0') END, '', '', '', ''
		FROM generate_series(1, $1::int) p, LATERAL (SELECT DATE '1926-12-01' + p % 7335 AS born) d,
			LATERAL (SELECT '140299' || to_char(born, 'YYYYMMDD') || lpad((p / 7335)::text, 3, '0') AS body) n`, n, streets, banks)
	s.exec(`UPDATE region SET next_person = $1`, n+1001)
}

// fillFacts makes one in ten of them 低保, one in two hundred 特困, and holds one in a
// hundred.
func (s *site) fillFacts(n int) {
	s.t.Helper()
	for _, f := range []struct {
		name, value, who string
	}{{"低保", "是", "p % 10 = 0"}, {"特困", "分散", "p % 200 = 1"}, {"自理能力", "全护理", "p % 200 = 1"}, {"暂停发放", "核查", "p % 100 = 2"}} {
		s.exec(`INSERT INTO fact SELECT 140213, 1000 + p, $2, 1, 1, DATE '2026-01-01', NULL, $3, '' FROM generate_series(1, $1::int) p WHERE `+f.who, n, f.name, f.value)
	}
}

// signUnjudged takes the bureau's batch through its posts and to the banks, without the
// second computation.
func (s *site) signUnjudged(b *testing.B, m month.Month) {
	b.Helper()
	order := signing.Order{Region: siteRegion, Month: m, Bureau: civil, User: siteUsers[0], By: s.by("甲经办")}
	agrees := func(context.Context, int32) ([]string, error) { return nil, nil }
	if _, err := signing.Submit(b.Context(), s.db, order, signing.Submission{AcknowledgeAll: true, Judge: agrees}); err != nil {
		b.Fatal(err)
	}
	signing := func(name string) monthly.Signing { return monthly.Signing{Month: m, Bureau: civil, By: s.by(name)} }
	if _, err := monthly.Review(b.Context(), s.office, signing("乙复核")); err != nil {
		b.Fatal(err)
	}
	if _, err := monthly.Approve(b.Context(), s.office, signing("丙审批")); err != nil {
		b.Fatal(err)
	}
	if _, err := monthly.Sent(b.Context(), s.office, signing("甲经办"), 1); err != nil {
		b.Fatal(err)
	}
}

// answer takes in what the banks say, of fifty files at a time: one payment in fifty failed, one in a
// hundred is not known, and the last rows of every tenth file are not answered.
func (s *site) answer(b *testing.B, m month.Month) {
	b.Helper()
	batch, err := batches.Latest(b.Context(), s.db, siteRegion, m, civil)
	if err != nil {
		b.Fatal(err)
	}
	files, err := batches.PaymentFiles(b.Context(), s.db, siteRegion, batch.Number)
	if err != nil {
		b.Fatal(err)
	}
	for part := range slices.Chunk(files, 50) {
		in := &bank.Results{Name: part[0].Number + ".txt", SHA256: fmt.Sprintf("%064d", part[0].File)}
		for _, f := range part {
			err := batches.Payments(b.Context(), s.db, siteRegion, f, func(p approval.Payment) error {
				row := bank.ResultRow{Place: bank.Place{Row: len(in.Rows) + 2}, Number: f.Number, Seq: p.Seq, Account: p.Account.Number, Amount: p.Amount, Code: "成功"}
				switch {
				case f.File%10 == 0 && p.Seq > f.Rows*9/10:
					return nil
				case p.Seq%50 == 7:
					row.Code, row.Reason = "失败", "账号不存在"
				case p.Seq%100 == 9:
					row.Code = "未知"
				}
				in.Rows = append(in.Rows, row)
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		r, err := payments.BankResult(b.Context(), s.db, payments.ResultOrder{Region: siteRegion, Bureau: civil, File: in, Codes: bank.CodesOf(s.office.Pack.File), By: s.by("甲经办")})
		if err != nil {
			b.Fatal(err)
		}
		if len(r.Refused) > 0 {
			b.Fatalf("refused: %+v", r.Refused[0])
		}
	}
}

// moveOn lets one in a hundred turn out to have died before november, of whom all that was
// paid is to be got back; half of the 特困 need less care since november, which is taken
// off december; and one in a hundred is 低保 since november, which is added.
func (s *site) moveOn(b *testing.B, n int) {
	b.Helper()
	_, err := s.db.Change(b.Context(), siteRegion, s.by("甲经办"), func(scope postgres.Scope) (journal.Entry, error) {
		for _, sql := range []string{
			`INSERT INTO person SELECT region, person, $2, id_number, name, street, community, address, phone, birth, moved_in, moved_out, DATE '2026-10-20',
				bank, account, holder, deputy, deputy_relation, deputy_reason FROM person WHERE person % 100 = 17 AND person BETWEEN 1001 AND 1000 + $1::int`,
			`INSERT INTO fact SELECT 140213, 1000 + p, '自理能力', $2, x.n, x.since, x.until, x.value, '' FROM generate_series(1, $1::int) p,
				(VALUES (1, DATE '2026-01-01', DATE '2026-10-31', '全护理'), (2, DATE '2026-11-01', NULL, '全自理')) AS x (n, since, until, value) WHERE p % 400 = 1`,
			`INSERT INTO fact SELECT 140213, 1000 + p, '低保', $2, 1, DATE '2026-11-01', NULL, '是', '' FROM generate_series(1, $1::int) p WHERE p % 100 = 33`,
		} {
			if _, err := scope.Tx.Exec(b.Context(), sql, n, scope.Rev); err != nil {
				return journal.Entry{}, err
			}
		}
		return journal.Entry{Action: "导入花名册", Subject: "变动.xlsx"}, nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// buildPeople builds the people for search anew, and says how long that takes as a ratio
// to copying their rows within the database into a table with the same indexes.
func (s *site) buildPeople(b *testing.B) float64 {
	b.Helper()
	s.exec(`DELETE FROM person_now`)
	s.exec(`DELETE FROM people_mark`)
	s.exec(`VACUUM person_now`)
	begun := time.Now()
	for {
		mark, err := people.UpdateIndex(b.Context(), s.db, siteRegion, 20_000)
		if err != nil {
			b.Fatal(err)
		}
		if mark.UpToDate() {
			break
		}
	}
	built := time.Since(begun)
	s.exec(`CREATE TABLE bare (LIKE person_now INCLUDING INDEXES)`)
	begun = time.Now()
	s.exec(`INSERT INTO bare SELECT * FROM person_now`)
	bare := time.Since(begun)
	s.exec(`DROP TABLE bare`)
	s.exec(`VACUUM ANALYZE person_now`)
	fmt.Printf("查找名单建立 %.1f 秒\n", built.Seconds())
	return built.Seconds() / bare.Seconds()
}

// percentile is the n-th percentile of times in milliseconds, which it sorts.
func percentile(all []float64, n int) float64 {
	slices.Sort(all)
	return all[min(len(all)-1, len(all)*n/100)]
}

// paidAndOwing are one who was paid, and one who has to pay something back.
func (s *site) paidAndOwing(t testing.TB) (paid, debtor int64) {
	t.Helper()
	if err := s.owner.QueryRow(t.Context(), `SELECT person FROM line WHERE hold = 0 ORDER BY region, batch, person LIMIT 1 OFFSET 50`).Scan(&paid); err != nil {
		t.Fatal(err)
	}
	debts, err := recovery.Register(t.Context(), s.db, siteRegion)
	if err != nil || len(debts) == 0 {
		t.Fatal("nobody owes anything", err)
	}
	return paid, debts[len(debts)/2].Person
}
