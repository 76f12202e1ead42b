package storetest

import (
	"fmt"
	"math/rand/v2"

	"disburse/internal/approval"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/runs"
	"disburse/internal/store/signing"
)

// RandomMonths plays random pay months of a small district on both sides of a new year.
func (d *District) RandomMonths(r *rand.Rand) {
	d.T.Helper()
	years := []int{1930, 1936, 1940, 1941, 1942, 1943, 1944, 1946, 1947, 1948, 1950, 1956, 1957}
	s := NewSheet(EveryColumn).Payee(House("甲院", "2001"))
	for _, y := range years {
		s.People(Resident(y))
	}
	for _, y := range []int{1956, 1957} {
		s.Fact(IdOf(y), "特困", Since("集中", LongAgo)).Fact(IdOf(y), "自理能力", Since("全自理", LongAgo)).Fact(IdOf(y), "入住机构", Since("甲院", LongAgo))
	}
	s.Fact(IdOf(1942), "低保", Since("是", LongAgo))
	worse := []int{1943, 1946, 1947, 1948} // of whom it is learnt month by month that they need care, and 16 takes over from 23-2
	for _, y := range worse {
		s.Fact(IdOf(y), "低保", Since("是", LongAgo)).Fact(IdOf(y), "残疾等级", Since("一级", LongAgo))
	}
	d.Learn(s)
	for i, m := range []month.Month{At(10), At(11), At(12), At(13), At(14)} {
		d.renew(r, years)
		if i > 0 {
			d.Learn(NewSheet(EveryColumn).Fact(IdOf(worse[i-1]), "生活不能自理", Since("是", Day(2026, 9, 1))))
		}
		if i == 2 {
			d.Learn(NewSheet(EveryColumn).People(Resident(1936, DiedOn(Day(2026, 10, 20)))).Fact(IdOf(1942), "低保", Since("是", LongAgo, Day(2026, 10, 31))))
		}
		d.news(r, years)
		d.Run(m)
		d.Approve(m)
		if r.IntN(3) == 0 {
			d.VoidAndRepeat(m)
		}
		if r.IntN(2) == 0 { // a supplementary batch
			d.Send(m)
			d.news(r, years)
			if o := Outcome(d.T, d.Run(m), DeskBureau); o.Outcome == runs.Supplementary {
				d.Approve(m)
			}
		}
		d.answers(r, m, i == 0)
	}
}

// news imports a random change: a new account, none, or an earlier entitlement.
func (d *District) news(r *rand.Rand, years []int) {
	d.T.Helper()
	y := years[2+r.IntN(6)] // not who dies
	switch r.IntN(4) {
	case 0:
		d.Learn(NewSheet(EveryColumn).People(Resident(y, PaidTo(fmt.Sprintf("63%d%d", y, r.IntN(1000))))))
	case 1:
		d.Learn(NewSheet(EveryColumn).People(Resident(y, Without)))
	case 2:
		d.Learn(NewSheet(EveryColumn).Payee(House("甲院", fmt.Sprintf("2%03d", r.IntN(1000)))))
	default:
		d.Learn(NewSheet(EveryColumn).Fact(IdOf(1950), "经济困难认定", Since("是", Day(2026, 9, 1+r.IntN(20)))).
			Fact(IdOf(1950), "生活不能自理", Since("是", Day(2026, 9, 1))))
	}
}

// renew gives most people another account, so that what was refused is paid again.
func (d *District) renew(r *rand.Rand, years []int) {
	d.T.Helper()
	s := NewSheet(EveryColumn)
	for _, y := range years {
		if y != 1936 && r.IntN(4) > 0 {
			s.People(Resident(y, PaidTo(fmt.Sprintf("64%d%d", y, r.IntN(1000)))))
		}
	}
	d.Learn(s)
}

// answers sends what is approved and imports random results of most payments; fail makes the first
// one fail.
func (d *District) answers(r *rand.Rand, m month.Month, fail bool) {
	d.T.Helper()
	batches, err := batches.OfMonth(d.T.Context(), d.Db, DeskRegion, m)
	if err != nil {
		d.T.Fatal(err)
	}
	for _, b := range batches {
		if b.Bureau != DeskBureau || b.State != payrun.Approved {
			continue
		}
		if d.Number(`SELECT count(*) FROM batch WHERE batch = $1 AND sent_rev IS NOT NULL`, b.Number) == 0 {
			if _, err := signing.MarkSent(d.T.Context(), d.Db, d.SigningOf(m, Clerk, ""), b.N); err != nil {
				d.T.Fatal(err)
			}
		}
		var rows []string
		for i, p := range d.Payments(b) {
			code := []string{"成功", "成功", "失败", "未知", ""}[r.IntN(5)]
			if fail && i == 0 {
				code = "失败"
			}
			if code != "" {
				rows = append(rows, fmt.Sprintf("%s,%d,%s,%s,%s,%s,", approval.FileNumber(DeskRegion, b.Month, "MZ", b.N, p.File), p.Seq,
					p.Account.Number, p.Account.Holder, p.Amount, code))
			}
		}
		if len(rows) > 0 {
			d.Answer(rows...)
		}
	}
}
