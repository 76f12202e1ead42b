package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/reports"
)

// matchFlags are those of roster match.
type matchFlags struct {
	kind, report, month string
	dryRun              bool
}

func (a *app) matchCommand() *cobra.Command {
	var f matchFlags
	c := a.command("match FILE", "比对名单：找出花名册里在名单上的人，和名单上应享未享的人", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		return a.match(ctx, args[0], f)
	})
	c.Long = "读入其他部门的名单（xlsx 或 csv，须有“姓名”“身份证号”两列，可有出生日期、日期、街道、备注），先按身份证号（含旧号码），再按姓名和出生日期比对。\n" +
		"同一种名单以最新的一份为准。花名册不会因此改动。"
	c.Flags().StringVar(&f.kind, "kind", "", "名单的种类，如 死亡、公安（规则包 match_lists 里的名称）")
	c.Flags().StringVar(&f.report, "report", "", "把命中、应享未享、未匹配写到这个工作簿")
	c.Flags().StringVar(&f.month, "month", "", "按哪个月看应享未享（缺省为本月）")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "只比对，不保存")
	return c
}

func (a *app) match(ctx context.Context, file string, f matchFlags) error {
	if f.kind == "" {
		return usage("请用 --kind 写明名单的种类，如 --kind 死亡")
	}
	kind, err := a.pack.MatchList(f.kind)
	if err != nil {
		return err
	}
	m := month.FromTime(now()).Month()
	if f.month != "" {
		if m, err = parseMonth(f.month); err != nil {
			return err
		}
	}
	by, err := a.by(ctx, "")
	if err != nil {
		return err
	}
	bar := newProgress("读取名单 行")
	list, err := roster.ReadMatchList(ctx, file, func(rows int) { bar.show(int64(rows), 0) })
	bar.end()
	if err != nil {
		return err
	}
	printProblems(list.Problems, list.Warnings)
	if len(list.Rows) == 0 {
		return fault.New(fault.Invalid, "“%s”里没有一行可以比对，什么都没有改动；原因见上", file)
	}
	found, err := a.db.MatchList(ctx, postgres.MatchOrder{Region: a.region, Kind: kind, List: list, By: by, DryRun: f.dryRun})
	if err != nil {
		return err
	}
	report, err := a.matching(ctx, kind, list, found, m)
	if err != nil {
		return err
	}
	if f.report != "" {
		if err := a.looksAt(ctx, journal.Exported, "比对报告", 0, f.kind, filepath.Base(f.report)); err != nil {
			return err
		}
	}
	if err := saveMatching(f.report, report); err != nil {
		return err
	}
	printMatch(kind, found, report, f)
	return nil
}

// matching turns what was found into the report of both directions.
func (a *app) matching(ctx context.Context, kind *policy.MatchList, list *roster.MatchList, found *postgres.MatchReport, m month.Month) (*reports.Matching, error) {
	r := &reports.Matching{Kind: kind.Name.Value, File: list.File, Date: month.FromTime(now()), Month: m, Problems: list.Problems}
	var people []int64
	for _, x := range found.Matches {
		people = append(people, x.Person.Number)
	}
	paid, pays, err := a.db.CurrentPay(ctx, a.region, people)
	if err != nil {
		return nil, err
	}
	r.Paid = paid
	for i := range found.Matches {
		x := &found.Matches[i]
		row := list.Rows[x.Row]
		r.Hits = append(r.Hits, reports.MatchHit{Row: row, Person: x.Person, How: x.How,
			Pays: a.payText(pays[x.Person.Number]), Remark: matchRemark(kind, &row, &x.Person)})
	}
	for _, i := range found.Unmatched {
		row := list.Rows[i]
		missing, err := a.missing(kind, row, m)
		if err != nil {
			return nil, err
		}
		if missing != nil {
			r.Missing = append(r.Missing, *missing)
			continue
		}
		r.Unmatched = append(r.Unmatched, row)
	}
	slices.SortStableFunc(r.Missing, func(x, y reports.MissingPerson) int {
		return cmp.Or(cmp.Compare(a.streetOrder(x.Row.Street), a.streetOrder(y.Row.Street)),
			cmp.Compare(x.Row.Street, y.Row.Street), cmp.Compare(x.Row.Birth, y.Row.Birth))
	})
	return r, nil
}

// missing is what somebody who is not on the roster would get; nil for nothing, or where
// the list is not read for that.
func (a *app) missing(kind *policy.MatchList, row roster.ListRow, m month.Month) (*reports.MissingPerson, error) {
	if !kind.Missing() || row.Birth == 0 {
		return nil, nil
	}
	grants, err := a.pack.Unregistered(row.ID, row.Birth, m)
	if err != nil || len(grants) == 0 {
		return nil, err
	}
	var items []string
	for _, g := range grants {
		items = append(items, a.itemText(g.Item)+" "+g.Amount.String())
	}
	return &reports.MissingPerson{Row: row, Age: month.Age(row.Birth, m), Items: strings.Join(items, "；")}, nil
}

func (a *app) itemText(code string) string {
	it, err := a.pack.Item(code)
	if err != nil {
		return code
	}
	return code + " " + it.Name.Value
}

func (a *app) payText(pays []postgres.PersonPay) string {
	var all []string
	for _, p := range pays {
		text := a.itemText(p.Item) + " " + p.Amount.String()
		if p.Held {
			text += "（暂缓）"
		}
		all = append(all, text)
	}
	return strings.Join(all, "；")
}

// streetOrder is a street's place in the pack, behind all others where it has none.
func (a *app) streetOrder(street string) int {
	i := slices.IndexFunc(a.pack.File.Streets, func(t policy.Text) bool { return t.Value == street })
	if i < 0 {
		return len(a.pack.File.Streets)
	}
	return i
}

// matchRemark says what differs between list and roster, and suggests what to record:
// nothing of a list goes into the roster by itself.
func matchRemark(kind *policy.MatchList, row *roster.ListRow, p *roster.Person) string {
	var all []string
	if row.Name != "" && row.Name != p.Name {
		all = append(all, "姓名不同")
	}
	if row.ID != "" && row.ID != p.ID {
		all = append(all, "身份证号不同")
	}
	if kind.Deaths.Value {
		switch {
		case p.Died == 0 && row.Date != 0:
			all = append(all, "花名册没有死亡日期，核实后建议登记 "+row.Date.String())
		case p.Died == 0:
			all = append(all, "花名册没有死亡日期，请查明后登记")
		case row.Date != 0 && row.Date != p.Died:
			all = append(all, "花名册的死亡日期是 "+p.Died.String()+"，请核实")
		default:
			all = append(all, "花名册已登记死亡")
		}
	}
	return strings.Join(all, "；")
}

// saveMatching writes the report beside its place and moves it there whole; path may be empty.
func saveMatching(path string, r *reports.Matching) error {
	if path == "" {
		return nil
	}
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".比对-*")
	if err != nil {
		return fault.Wrap(err, fault.Refused, "不能写到“%s”，请检查目录和权限", path)
	}
	defer os.Remove(tmp.Name())
	err = reports.WriteMatching(io.Writer(tmp), dir, r)
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fault.Wrap(err, fault.Refused, "不能写到“%s”，请检查磁盘空间和权限", path)
	}
	return nil
}

func printMatch(kind *policy.MatchList, found *postgres.MatchReport, r *reports.Matching, f matchFlags) {
	word := "已比对"
	switch {
	case f.dryRun:
		word = "比对结果（未保存）"
	case found.Rev == 0:
		word = "与上一份名单的结果相同，没有变化"
	}
	fmt.Printf("%s：“%s”名单，与花名册对上 %d 行，花名册里没有的 %d 行\n", word, kind.Name.Value, len(r.Hits), len(found.Unmatched))
	if kind.Missing() {
		fmt.Printf("应享未享 %d 人（%s）\n", len(r.Missing), r.Month.Chinese())
		printStreets(r.Missing)
	} else {
		fmt.Printf("命中 %d 人，其中新增 %d 人；不在这份名单上而解除 %d 人\n", found.Hits, found.New, found.Cleared)
	}
	if kind.Doubt() && found.Hits > 0 && !f.dryRun {
		fmt.Println("下次运行（disburse run）时，命中的人列为疑点，处理以前暂缓发放；用 disburse checks 查看，用 disburse decide 处理")
	}
	if f.report != "" {
		fmt.Printf("比对报告：%s\n", f.report)
	}
	if found.Rev > 0 && !f.dryRun {
		fmt.Printf("修订号 %d\n", found.Rev)
	}
}

// printStreets counts the work list by street; it is in that order.
func printStreets(missing []reports.MissingPerson) {
	for i := 0; i < len(missing); {
		street, n := missing[i].Row.Street, 0
		for i < len(missing) && missing[i].Row.Street == street {
			n++
			i++
		}
		if street == "" {
			street = "（未写街道）"
		}
		fmt.Printf("  %s %d 人\n", street, n)
	}
}
