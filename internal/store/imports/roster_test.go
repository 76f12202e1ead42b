package imports_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/postgres"
	"disburse/internal/postgres/pgtest"
	"disburse/internal/roster"
	"disburse/internal/store/imports"
	"disburse/internal/store/people"
	"disburse/internal/store/storetest"
)

// full is a person with every column filled.
func full(year int, name string) roster.Person {
	p := storetest.Somebody(year, name)
	p.Community, p.Address, p.Phone = "某社区", "某路 1 号", "13800000000"
	p.MovedIn, p.MovedOut, p.Died = storetest.Day(2020, 1, 2), storetest.Day(2026, 3, 4), storetest.Day(2026, 5, 6)
	p.Account = roster.Account{Bank: "某银行", Number: "6222000000000001", Holder: "某人"}
	p.Deputy = roster.Deputy{Name: "李某", Relation: "子女", Reason: "卧床"}
	return p
}

func TestImportStoresEverything(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	a, b, c := full(1940, "张甲"), storetest.Somebody(1930, "李乙"), stray("临-A1", "无名")
	disabled := []roster.Fact{{Since: storetest.Day(2020, 1, 1), Until: storetest.Day(2021, 12, 31), Value: "三级", Basis: "旧证"}, {Since: storetest.Day(2022, 1, 1), Value: "二级"}}
	pension := []roster.Award{{Amount: 12345, First: storetest.Day(2025, 1, 1).Month(), Last: storetest.Day(2025, 3, 1).Month(), Basis: "核定表"}, {Amount: 1, First: storetest.Day(2025, 4, 1).Month(), Payee: "某院"}}
	home := roster.Payee{Name: "某院", Account: roster.Account{Bank: "某银行", Number: "100200", Holder: "某院财务"}}
	s := storetest.NewSheet(storetest.EveryColumn).People(a, b, c).
		Fact(b.ID, "低保", roster.Fact{Since: storetest.Day(2024, 5, 1), Value: "是"}).
		Fact(a.ID, "残疾等级", disabled...).Fact(a.ID, "低保").
		Award(a.ID, "2", pension...).Award(c.ID, "24").Payee(home)
	report := r.accept(s)
	want := &roster.Report{Rev: 1, NewPeople: 3, ChangedFacts: 2, ChangedAwards: 1, ChangedPayees: 1, Unchanged: 2}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	number := func(p roster.Person, n int64) roster.Person { p.Number, p.Rev = n, 1; return p }
	disabled[0].Rev, disabled[1].Rev, pension[0].Rev, pension[1].Rev = 1, 1, 1, 1
	all := []*roster.Dossier{
		{Person: number(a, 1), Facts: disabled, Awards: pension},
		{Person: number(b, 2), Facts: []roster.Fact{{Name: "低保", Rev: 1, Since: storetest.Day(2024, 5, 1), Value: "是"}}},
		{Person: number(c, 3)},
	}
	if diff := cmp.Diff(all, r.all(0)); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
	home.Rev = 1
	payees, err := imports.Payees(t.Context(), r.db, storetest.Pingcheng, 0)
	if diff := cmp.Diff(map[string]roster.Payee{"某院": home}, payees); diff != "" || err != nil {
		t.Errorf("payees: %s, %v", diff, err)
	}
}

func TestTheSameFileTwice(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	s := storetest.NewSheet(storetest.EveryColumn).People(full(1940, "张甲"), storetest.Somebody(1930, "李乙")).
		Fact(storetest.IdOf(1940), "低保", roster.Fact{Since: storetest.Day(2024, 5, 1), Value: "是"}, roster.Fact{Since: storetest.Day(2026, 5, 1), Value: "是"}).
		Fact(storetest.IdOf(1940), "特困").
		Award(storetest.IdOf(1930), "17", roster.Award{Amount: 100, First: storetest.Day(2024, 5, 1).Month()}).
		Payee(roster.Payee{Name: "某院"})
	r.accept(s)
	report := r.accept(s)
	if diff := cmp.Diff(&roster.Report{Unchanged: 7}, report); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if head := r.head(); head != 1 {
		t.Errorf("head %d, want 1", head)
	}
}

func TestColumnsThatAreAbsentAndCellsThatAreEmpty(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	r.accept(storetest.NewSheet(storetest.EveryColumn).People(full(1940, "张甲"), storetest.Somebody(1930, "李乙")))
	bare := roster.Person{ID: storetest.IdOf(1940), Phone: "13900000000"}

	r.accept(storetest.NewSheet(roster.Columns{Phone: true, Died: true, Holder: true}).People(bare))
	want := full(1940, "张甲")
	want.Phone, want.Died, want.Account.Holder = "13900000000", 0, ""
	sameDossiers(t, []*roster.Dossier{r.find(want.ID)}, []*roster.Dossier{{Person: want}})

	// Every column empty, but those that nobody can be without.
	columns := storetest.EveryColumn
	columns.Name, columns.Street = false, false
	r.accept(storetest.NewSheet(columns).People(roster.Person{ID: storetest.IdOf(1940)}))
	sameDossiers(t, []*roster.Dossier{r.find(want.ID)}, []*roster.Dossier{{Person: storetest.Somebody(1940, "张甲")}})

	// What was known then is still known of then.
	sameDossiers(t, r.all(1), []*roster.Dossier{{Person: full(1940, "张甲")}, {Person: storetest.Somebody(1930, "李乙")}})
	if d := r.find(storetest.IdOf(1930)); d.Rev != 1 {
		t.Errorf("somebody the files do not mention got revision %d", d.Rev)
	}
}

func TestHistoriesAreReplacedAsAWhole(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	a := storetest.Somebody(1940, "张甲")
	first, second := roster.Fact{Since: storetest.Day(2020, 1, 1), Until: storetest.Day(2020, 12, 31), Value: "是"}, roster.Fact{Since: storetest.Day(2022, 1, 1), Value: "是"}
	may := roster.Award{Amount: 500, First: storetest.Day(2025, 5, 1).Month()}
	r.accept(storetest.NewSheet(storetest.EveryColumn).People(a).Fact(a.ID, "低保", first, second).Fact(a.ID, "特困", roster.Fact{Since: storetest.Day(2020, 1, 1), Value: "分散"}).Award(a.ID, "17", may))

	// Another basis of one record is another history; 特困 is not mentioned.
	second.Basis = "复核"
	report := r.accept(storetest.NewSheet(roster.Columns{}).Fact(a.ID, "低保", first, second))
	if report.Rev != 2 || report.ChangedFacts != 1 {
		t.Errorf("report %+v", report)
	}
	report = r.accept(storetest.NewSheet(roster.Columns{}).Fact(a.ID, "低保", second).Award(a.ID, "17"))
	if report.ChangedFacts != 1 || report.ChangedAwards != 1 {
		t.Errorf("report %+v", report)
	}
	report = r.accept(storetest.NewSheet(roster.Columns{}).Fact(a.ID, "低保").Award(a.ID, "17"))
	if report.ChangedFacts != 1 || report.ChangedAwards != 0 || report.Unchanged != 1 {
		t.Errorf("report %+v", report)
	}
	if report = r.accept(storetest.NewSheet(roster.Columns{}).Fact(a.ID, "低保")); report.Rev != 0 {
		t.Errorf("withdrawn twice: %+v", report)
	}
	r.accept(storetest.NewSheet(roster.Columns{}).Fact(a.ID, "低保", first))

	poor := roster.Fact{Name: "特困", Rev: 1, Since: storetest.Day(2020, 1, 1), Value: "分散"}
	first.Name, second.Name = "低保", "低保"
	at := func(f roster.Fact, rev int64) roster.Fact { f.Rev = rev; return f }
	before := second
	before.Basis = ""
	for rev, want := range [][]roster.Fact{
		1: {at(first, 1), at(before, 1), poor},
		2: {at(first, 2), at(second, 2), poor},
		3: {at(second, 3), poor},
		4: {poor},
		5: {at(first, 5), poor},
	} {
		if rev == 0 {
			continue
		}
		d, err := people.FindDossier(t.Context(), r.db, storetest.Pingcheng, a.ID, int64(rev))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, d.Facts); diff != "" {
			t.Errorf("facts at %d (-want +got):\n%s", rev, diff)
		}
		if had := len(d.Awards); (had == 1) != (rev < 3) {
			t.Errorf("%d awards at %d", had, rev)
		}
	}
}

func TestPayees(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	home := roster.Payee{Name: "某院", Account: roster.Account{Bank: "某银行", Number: "100"}}
	r.accept(storetest.NewSheet(storetest.EveryColumn).Payee(home).Payee(roster.Payee{Name: "区医保局"}))
	report := r.accept(storetest.NewSheet(roster.Columns{PayeeNumber: true}).Payee(roster.Payee{Name: "某院", Account: roster.Account{Number: "200"}}).Payee(roster.Payee{Name: "区医保局"}))
	if report.Rev != 2 || report.ChangedPayees != 0 || report.Asked != 1 || report.Unchanged != 1 {
		t.Errorf("report %+v", report)
	}
	for rev, number := range map[int64]string{1: "100", 2: "100", 0: "100"} { // the new one waits for a second person
		payees, err := imports.Payees(t.Context(), r.db, storetest.Pingcheng, rev)
		if err != nil || len(payees) != 1 || // 区医保局 has no account: that is as if nothing were known
			payees["某院"].Account != (roster.Account{Bank: "某银行", Number: number}) {
			t.Errorf("payees at %d: %v, %v", rev, payees, err)
		}
	}
}

func TestWhoCannotComeIn(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	r.accept(storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1940, "张甲"), stray("临-A1", "无名")))
	nameless, streetless := storetest.Somebody(1951, ""), storetest.Somebody(1952, "王丙")
	streetless.Street = ""
	ageless := stray("临-B", "某人")
	ageless.Birth = 0
	emptied := storetest.Somebody(1940, "")
	emptied.Street = ""
	unborn := stray("临-A1", "无名")
	unborn.Birth = 0
	s := storetest.NewSheet(storetest.EveryColumn).People(nameless, streetless, ageless, emptied, unborn, storetest.Somebody(1953, "好人"), storetest.Somebody(1954, "双"), storetest.Somebody(1954, "双")).
		Fact(nameless.ID, "低保", roster.Fact{Since: storetest.Day(2024, 1, 1), Value: "是"}, roster.Fact{Since: storetest.Day(2025, 1, 1), Value: "是"}).
		Fact(emptied.ID, "低保", roster.Fact{Since: storetest.Day(2024, 1, 1), Value: "是"}).
		Fact(storetest.IdOf(1960), "低保").
		Award(storetest.IdOf(1961), "17", roster.Award{Amount: 100, First: storetest.Day(2024, 5, 1).Month()})
	report := r.load(s)
	wantRefused(t, report,
		"人员 2 姓名: 必须填写姓名", "人员 3 街道: 必须填写街道", "人员 4 出生日期: 必须填写出生日期",
		"人员 5 姓名: 不能没有姓名", "人员 5 街道: 不能没有街道", "人员 6 出生日期: 不能没有出生日期",
		"人员 8 身份证号: 与“人员”第 9 行", "人员 9 身份证号: 与“人员”第 8 行",
		"情况 2 身份证号: “人员”第 2 行未被接受", "情况 3 身份证号: “人员”第 2 行未被接受",
		"情况 5 身份证号: 没有这个人，人员表里也没有", "核定金额 2 身份证号: 没有这个人")
	if report.Refused != 11 || report.NewPeople != 1 || report.ChangedFacts != 1 || report.ChangedPeople != 0 {
		t.Errorf("report %+v", report)
	}
	// Without the columns at all.
	report = r.load(storetest.NewSheet(roster.Columns{Phone: true}).People(storetest.Somebody(1955, ""), stray("临-C", ""), roster.Person{ID: storetest.IdOf(1940), Phone: "1"}))
	wantRefused(t, report, "人员 2 姓名: 没有“姓名”这一列", "人员 2 街道: 没有“街道”这一列",
		"人员 3 姓名: 没有“姓名”这一列", "人员 3 街道: 没有“街道”这一列", "人员 3 出生日期: 没有“出生日期”这一列")
	if report.ChangedPeople != 1 || report.Refused != 2 {
		t.Errorf("report %+v", report)
	}
}

// The file's own problems stand among those of the merge, sheet by sheet.
func TestProblemsInTheOrderOfTheFile(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	s := storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1951, "")).Fact(storetest.IdOf(1960), "低保").Award(storetest.IdOf(1960), "17")
	s.In.Facts[0].More = []roster.Place{{Sheet: "情况2", Row: 7}, {Sheet: "情况10", Row: 3}}
	for _, place := range []roster.Place{{Sheet: "收款单位", Row: 2}, {Sheet: "情况", Row: 1000}, {Sheet: "人员", Row: 9}, {Sheet: "人员", Row: 9}} {
		s.In.Problems = append(s.In.Problems, roster.Problem{Place: place, Reason: "读入时发现"})
	}
	s.In.RefusedPeople = []roster.RefusedPerson{{Place: roster.Place{Sheet: "人员", Row: 9}}}
	report := r.load(s)
	wantRefused(t, report, "人员 2 姓名: 姓名", "人员 9 : 读入", "人员 9 : 读入", "情况 2 身份证号: 若其中有此人", "情况 1000 : 读入",
		"情况2 7 身份证号: 没有", "情况10 3 身份证号: 没有", "核定金额 2 身份证号: 没有", "收款单位 2 : 读入")
	if report.Rev != 0 || report.Refused != 8 {
		t.Errorf("report %+v", report)
	}
}

func TestDryRunLeavesNothing(t *testing.T) {
	t.Parallel()
	address := pgtest.New(t)
	db, err := postgres.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	r := &rolls{TB: t, db: db, region: storetest.Pingcheng}
	r.ensure()
	a := storetest.Somebody(1940, "张甲")
	r.accept(storetest.NewSheet(storetest.EveryColumn).People(a))
	owner := storetest.Connect(t, address)
	counts := func() (text string) {
		err := owner.QueryRow(t.Context(), `SELECT (SELECT r::text FROM region r) || (SELECT count(*) FROM person) || ' ' ||
			(SELECT count(*) FROM fact) || ' ' || (SELECT count(*) FROM award) || ' ' || (SELECT count(*) FROM payee) || ' ' ||
			(SELECT count(*) FROM journal)`).Scan(&text)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	before := counts()
	s := storetest.NewSheet(storetest.EveryColumn).People(full(1940, "张甲"), storetest.Somebody(1930, "李乙"), storetest.Somebody(1920, "")).
		Fact(a.ID, "低保", roster.Fact{Since: storetest.Day(2024, 5, 1), Value: "是"}).
		Award(a.ID, "17", roster.Award{Amount: 100, First: storetest.Day(2024, 5, 1).Month()}).Payee(roster.Payee{Name: "某院"})
	said := 0
	tried, err := imports.ImportRoster(t.Context(), db, storetest.Pingcheng, &s.In, r.by(), true, func(string) { said++ })
	if err != nil || said == 0 {
		t.Fatalf("said %d times, %v", said, err)
	}
	if after := counts(); after != before {
		t.Errorf("before %s\nafter  %s", before, after)
	}
	if diff := cmp.Diff(r.load(s), tried); diff != "" {
		t.Errorf("the import does not what the dry run said:\n%s", diff)
	}
	// Nothing to do is nothing to do in a dry run too.
	tried, err = imports.ImportRoster(t.Context(), db, storetest.Pingcheng, &s.In, r.by(), true, nil)
	if err != nil || tried.Rev != 0 {
		t.Errorf("%+v, %v", tried, err)
	}
}

// Two imports at once run one after the other: nobody gets in twice, and both chain.
func TestImportsAtOnce(t *testing.T) {
	t.Parallel()
	const files = 6
	r := openRolls(t)
	var wg sync.WaitGroup
	for i := range files {
		s := storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1940, "张甲"), storetest.Somebody(1900+i, "只在此表")).
			Fact(storetest.IdOf(1940), "低保", roster.Fact{Since: storetest.Day(2024, 5, 1+i), Value: "是"})
		at := r.by()
		wg.Go(func() {
			if _, err := imports.ImportRoster(t.Context(), r.db, storetest.Pingcheng, &s.In, at, false, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if all := r.all(0); len(all) != files+1 || r.head() != files {
		t.Errorf("%d people at revision %d, want %d at %d", len(all), r.head(), files+1, files)
	}
	if err := storetest.VerifyChain(t.Context(), r.db, storetest.Pingcheng); err != nil {
		t.Error(err)
	}
	for rev := range int64(files) {
		if d, err := people.FindDossier(t.Context(), r.db, storetest.Pingcheng, storetest.IdOf(1940), rev+1); err != nil || len(d.Facts) != 1 || d.Facts[0].Rev != rev+1 {
			t.Errorf("at %d: %+v, %v", rev+1, d, err)
		}
	}
}

func TestJournalOfAnImport(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	r.accept(storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1940, "张甲")))
	var action, subject, digest, summary string
	err := r.db.Read(t.Context(), func(tx pgx.Tx) error {
		return tx.QueryRow(t.Context(), `SELECT action, subject, digest, summary FROM journal`).Scan(&action, &subject, &digest, &summary)
	})
	if err != nil || action != "导入花名册" || subject != "花名册.xlsx" || len(digest) != 64 ||
		summary != "新增 1 人，变更 0 人，情况 0 项，核定金额 0 项，收款单位 0 个；未变 0 行，退回 0 行" {
		t.Errorf("%s %s %s %s, %v", action, subject, digest, summary, err)
	}
}

func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	r := openRolls(t)
	ctx := t.Context()
	if all := r.all(0); len(all) != 0 {
		t.Errorf("people in an empty region: %v", all)
	}
	r.accept(storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1940, "张甲")))
	r.accept(storetest.NewSheet(storetest.EveryColumn).People(storetest.Somebody(1941, "李乙")))
	_, err := people.FindDossier(ctx, r.db, storetest.Pingcheng, storetest.IdOf(1950), 0)
	storetest.WantFault(t, err, fault.NotFound, "140213********")
	_, err = people.FindDossier(ctx, r.db, storetest.Pingcheng, storetest.IdOf(1941), 1)
	storetest.WantFault(t, err, fault.NotFound, "没有身份证号")
	_, err = people.FindDossier(ctx, r.db, storetest.Pingcheng, storetest.IdOf(1940), 3)
	storetest.WantFault(t, err, fault.NotFound, "没有修订 3")
	_, err = imports.Payees(ctx, r.db, storetest.Pingcheng, -1)
	storetest.WantFault(t, err, fault.NotFound, "没有修订 -1")
	storetest.WantFault(t, people.EachDossier(ctx, r.db, 110101, 0, nil), fault.NotFound, "110101")
	_, err = imports.ImportRoster(ctx, r.db, 110101, &roster.Import{}, r.by(), false, nil)
	storetest.WantFault(t, err, fault.NotFound, "110101")
}
