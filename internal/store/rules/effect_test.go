package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/store/batches"
	"disburse/internal/store/packs"
	"disburse/internal/store/recovery"
	"disburse/internal/store/rules"
	"disburse/internal/store/signing"
	"disburse/internal/store/storetest"
)

// TestPackEffectIsWhatTheNextRunPays: for several changed packs, the effect that is shown
// is exactly what the next run finds in settled months beyond what it would have found.
func TestPackEffectIsWhatTheNextRunPays(t *testing.T) {
	t.Parallel()
	for name, change := range map[string][]string{
		"a rate from an earlier month":  {"- {from: 2024-01, value: 70, source: 清单第11项}", "- {from: 2024-01, value: 70, source: 清单第11项}\n      - {from: 2026-08, value: 85, source: 甲}"},
		"a rate that falls":             {"- {from: 2024-01, value: 300, source: 清单第12项}", "- {from: 2024-01, value: 250, source: 清单第12项}"},
		"another condition":             {"is: 低保 or 低保边缘 or 经济困难认定", "is: 低保"},
		"an item ends in a settled one": {"    name: 困难残疾人生活补贴\n", "    name: 困难残疾人生活补贴\n    to: 2026-08\n"},
		"就高 of more":                    {`  - {items: ["16", "23-2"], source: 清单第16、23项}`, "  - {items: [\"16\", \"23-2\"], source: 清单第16、23项}\n  - {items: [\"11\", \"13\"], source: 乙}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := storetest.OpenDistrict(t)
			p := d.Populate(500, storetest.At(8))
			d.Run(storetest.At(8))
			d.Approve(storetest.At(8))
			d.Take(p.Changes(storetest.At(8), storetest.At(9)))
			d.Run(storetest.At(9))
			d.Approve(storetest.At(9))
			pack := d.Load(change...)
			effect, rows := d.Effect(pack)
			if effect.None() || effect.Month != storetest.At(9) || effect.Heads == 0 {
				t.Fatalf("no effect: %+v", effect)
			}
			sameSums(d, effect, rows)
			was := pastDues(d, d.Pack)
			is := pastDues(d, pack)
			for key, amount := range is {
				was[key] = amount.Sub(was[key])
			}
			for key := range was {
				if _, ok := is[key]; !ok {
					was[key] = -was[key]
				}
			}
			for _, r := range rows {
				key := fmt.Sprintf("%d %s %s %s", r.Person, r.Item, r.Payee, r.Month)
				if was[key] != r.Amount {
					t.Errorf("%s: the effect says %s, the runs differ by %s", key, r.Amount, was[key])
				}
				delete(was, key)
			}
			for key, amount := range was {
				if amount != 0 {
					t.Errorf("%s: the runs differ by %s, the effect says nothing", key, amount)
				}
			}
		})
	}
}

// sameSums adds the rows up another way.
func sameSums(d *storetest.District, e *rules.PackEffect, rows []rules.EffectRow) {
	d.T.Helper()
	var more, less money.Fen
	people := map[int64]bool{}
	for _, r := range rows {
		people[r.Person] = true
		more, less = more.Add(max(0, r.Amount)), less.Add(min(0, r.Amount))
	}
	for _, parts := range [][]rules.EffectPart{e.Items, e.Months} {
		var m, l money.Fen
		for _, p := range parts {
			m, l = m.Add(p.More), l.Add(p.Less)
		}
		if m != more || l != less {
			d.T.Errorf("parts add up to %s and %s, rows to %s and %s", m, l, more, less)
		}
	}
	if e.More != more || e.Less != less || e.Heads != len(people) {
		d.T.Errorf("%+v, rows say %d people, %s and %s", e, len(people), more, less)
	}
}

// pastDues runs October under a pack and returns what of 区民政局's it finds due for
// settled months. The batch stays open, so the next run makes it again.
func pastDues(d *storetest.District, pack *policy.Pack) map[string]money.Fen {
	d.T.Helper()
	o := d.Order(storetest.At(10))
	o.Pack = pack
	if _, err := d.TryRun(o); err != nil {
		d.T.Fatal(err)
	}
	b := d.Batch(storetest.At(10))
	lines, err := batches.Lines(d.T.Context(), d.Db, storetest.DeskRegion, b, pack)
	if err != nil {
		d.T.Fatal(err)
	}
	debts, err := recovery.Debts(d.T.Context(), d.Db, storetest.DeskRegion, b.Number)
	if err != nil {
		d.T.Fatal(err)
	}
	due := map[string]money.Fen{}
	for _, l := range lines {
		if l.Month < storetest.At(10) {
			key := fmt.Sprintf("%d %s %s %s", l.Person, l.Item, l.Payee, l.Month)
			due[key] = due[key].Add(l.Amount)
		}
	}
	for _, x := range debts {
		key := fmt.Sprintf("%d %s %s %s", x.Person, x.Item, x.Payee, x.Month)
		due[key] = due[key].Sub(x.Amount)
	}
	return due
}

// TestAdoptionTakesTwoPeopleByConstraint: not even another program adopts a pack that
// reaches back with one person, or changes an adoption.
func TestAdoptionTakesTwoPeopleByConstraint(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Populate(50, storetest.At(9))
	d.Run(storetest.At(9))
	if n := d.Number(`SELECT count(*) FROM pack_adoption WHERE hash = $1 AND NOT retroactive`, d.Pack.Hash); n != 1 {
		t.Errorf("%d adoptions after the first run", n)
	}
	for _, sql := range []string{
		`INSERT INTO pack_adoption SELECT region, rev + 1, hash, actor, '', true, reason, NULL FROM pack_adoption`,
		`INSERT INTO pack_adoption SELECT region, rev + 1, hash, actor, actor, true, reason, NULL FROM pack_adoption`,
		`INSERT INTO pack_adoption SELECT region, rev + 1, hash, actor, 'x', false, reason, NULL FROM pack_adoption`,
	} {
		if _, err := d.Owner.Exec(t.Context(), sql); postgres.SQLState(err) != "23514" {
			t.Errorf("%s: %v", sql, err)
		}
	}
	if d.Number(`SELECT count(*) FROM information_schema.role_table_grants WHERE grantee = 'disburse_app'
		AND table_name IN ('pack_adoption', 'pack_proposal') AND privilege_type NOT IN ('SELECT', 'INSERT')`) != 0 {
		t.Error("the program may change adoptions")
	}
}

// TestAdoptWhileAMonthIsRun: a run does not see a pack adopted meanwhile, and is not kept.
func TestAdoptWhileAMonthIsRun(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Populate(50, storetest.At(9))
	d.Run(storetest.At(9))
	pack := d.Load("- {from: 2024-01, value: 70, source: 清单第11项}", "- {from: 2024-01, value: 70, source: 清单第11项}\n      - {from: 2026-11, value: 85, source: 甲}")
	effect, _ := d.Effect(pack)
	if !effect.None() {
		t.Fatalf("effect: %+v", effect)
	}
	o := d.Order(storetest.At(9))
	adopted := false
	o.Progress = func(int64, int64) {
		if adopted {
			return
		}
		adopted = true
		err := rules.Adopt(t.Context(), d.Db, rules.AdoptOrder{Region: storetest.DeskRegion, Pack: pack, Effect: effect, User: storetest.Clerk.Name, By: storetest.ByUser(storetest.Clerk)})
		if err != nil {
			t.Error(err)
		}
	}
	_, err := d.TryRun(o)
	storetest.Saying(t, err, fault.Refused, "采用了另一个规则包", "重新运行")
	if hash, err := packs.AdoptedHash(t.Context(), d.Db, storetest.DeskRegion); err != nil || hash != pack.Hash {
		t.Errorf("adopted %s, %v", hash, err)
	}
	// What was known when the effect was computed no longer is all.
	other := d.Load("- {from: 2024-01, value: 70, source: 清单第11项}", "- {from: 2024-01, value: 70, source: 清单第11项}\n      - {from: 2026-12, value: 85, source: 甲}")
	err = rules.Adopt(t.Context(), d.Db, rules.AdoptOrder{Region: storetest.DeskRegion, Pack: other, Effect: effect, User: storetest.Clerk.Name, By: storetest.ByUser(storetest.Clerk)})
	storetest.Saying(t, err, fault.Refused, "已经过时")
	auditor := approval.User{Name: "审计甲", Post: approval.Auditor, Active: true}
	d.AddUser(auditor)
	err = rules.Adopt(t.Context(), d.Db, rules.AdoptOrder{Region: storetest.DeskRegion, Pack: other, Effect: effect, User: auditor.Name, By: storetest.ByUser(auditor)})
	storetest.Saying(t, err, fault.Denied, "审计甲")
}

// TestPackOlderThanACheck: what was paid by a pack that a later program would not take in is
// signed, judged and looked at again as ever; nobody adopts it anew.
func TestPackOlderThanACheck(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1943), storetest.Resident(1944)))
	body := strings.Replace(string(policy.Builtin()), storetest.Pays11, strings.Replace(storetest.Pays11, "amount: 高龄津贴标准", "amount: [{to: 2024-06, is: 高龄津贴标准}, {from: 2024-10, is: 高龄津贴标准}]", 1), 1)
	if _, err := policy.Load([]byte(body)); err == nil {
		t.Fatal("the pack would be taken in")
	}
	old, err := policy.LoadStored([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	sound := d.Pack
	d.Pack = old
	d.Run(storetest.At(10))
	d.Approve(storetest.At(10))
	d.Learn(storetest.NewSheet(storetest.EveryColumn).People(storetest.Resident(1944, storetest.DiedOn(storetest.Day(2026, 9, 3)))))
	if later, err := signing.LaterChanges(t.Context(), d.Db, storetest.DeskRegion, storetest.At(10), storetest.DeskBureau); err != nil || len(later.People) == 0 {
		t.Errorf("%+v, %v", later, err)
	}
	if kept, err := batches.Pack(t.Context(), d.Db, storetest.DeskRegion, old.Hash); err != nil || kept.Hash != old.Hash {
		t.Errorf("the stored pack: %v", err)
	}
	adopt := func(pack *policy.Pack) error {
		effect, _ := d.Effect(pack)
		return rules.Adopt(t.Context(), d.Db, rules.AdoptOrder{Region: storetest.DeskRegion, Pack: pack, Effect: effect, User: storetest.Clerk.Name, By: storetest.ByUser(storetest.Clerk)})
	}
	if err := adopt(sound); err != nil {
		t.Fatal(err)
	}
	d.Pack = sound
	storetest.Saying(t, adopt(old), fault.Invalid, "没有有效的一条", "不能采用")
}

// TestNotAdoptedIsAFindingOfEveryBatch: also where a bureau has nothing to pay.
func TestNotAdoptedIsAFindingOfEveryBatch(t *testing.T) {
	t.Parallel()
	d := storetest.OpenDistrict(t)
	d.Populate(50, storetest.At(9))
	d.Run(storetest.At(9))
	d.Pack = d.Load("- {from: 2024-01, value: 70, source: 清单第11项}", "- {from: 2024-01, value: 71, source: 清单第11项}")
	for _, b := range d.Run(storetest.At(9)).Bureaus {
		found := d.Findings(b.Batch, payrun.Acknowledge)
		if !slices.ContainsFunc(found, func(f payrun.Finding) bool { return f.Kind == "规则包未采用" }) {
			t.Errorf("%s: %+v", b.Bureau, found)
		}
	}
}
