package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/reports"
)

// decideFlags are the three ways of deciding: one check by its id, a workbook, a kind.
type decideFlags struct {
	reason, from, kind string
	hold, release      bool
}

func (a *app) decideCommand() *cobra.Command {
	var f decideFlags
	c := a.command("decide YYYY-MM [CHECK-ID]", "处理疑点：一个编号、一张表（--from）或一类（--kind）", cobra.RangeArgs(1, 2),
		func(ctx context.Context, args []string) error {
			m, err := parseMonth(args[0])
			if err != nil {
				return err
			}
			if err := f.check(args[1:]); err != nil {
				return err
			}
			if a.as == "" {
				return usage("处理疑点要用 --as 写明用户名")
			}
			by, err := a.by(ctx, f.reason)
			if err != nil {
				return err
			}
			return a.decide(ctx, m, args[1:], &f, by)
		})
	c.Flags().StringVar(&f.reason, "reason", "", "理由（必填；--from 的理由写在表里）")
	c.Flags().BoolVar(&f.hold, "hold", false, "继续暂缓")
	c.Flags().BoolVar(&f.release, "release", false, "放行")
	c.Flags().StringVar(&f.from, "from", "", "checks --out 写出、填好“决定”“理由”的 xlsx 文件")
	c.Flags().StringVar(&f.kind, "kind", "", "处理本单位这一类全部未决的疑点，如 账户共用")
	return c
}

// check insists on one way of deciding with what belongs to it.
func (f *decideFlags) check(ids []string) error {
	ways := len(ids)
	for _, s := range []string{f.from, f.kind} {
		if s != "" {
			ways++
		}
	}
	switch {
	case ways != 1:
		return usage("请写明处理什么：一个 CHECK-ID、--from 文件或 --kind 类别，三者取一")
	case f.from != "" && (f.hold || f.release || f.reason != ""):
		return usage("--from 的决定和理由写在表里，不要再写 --release、--hold 或 --reason")
	case f.from == "" && f.hold == f.release:
		return usage("请写 --release（放行）或 --hold（继续暂缓）中的一个")
	}
	return nil
}

func (a *app) decide(ctx context.Context, m month.Month, ids []string, f *decideFlags, by journal.By) error {
	user := approval.User{Name: by.Actor}
	switch {
	case f.from != "":
		return a.decideFrom(ctx, m, f.from, user, by)
	case f.kind != "":
		done, err := a.db.DecideKind(ctx, a.region, m, f.kind, f.release, f.reason, user, by)
		if err != nil {
			return err
		}
		printDecided(m, &done)
		return nil
	}
	if err := a.db.Decide(ctx, a.region, ids[0], f.release, f.reason, user, by); err != nil {
		return err
	}
	fmt.Printf("已记录。请重新运行 disburse run %s，使决定生效\n", m)
	return nil
}

// decideFrom takes the decisions of a workbook, all or none.
func (a *app) decideFrom(ctx context.Context, m month.Month, path string, user approval.User, by journal.By) error {
	rows, problems, err := reports.ReadRulings(path)
	if err != nil {
		return err
	}
	if len(rows)+len(problems) == 0 {
		return fault.New(fault.Invalid, "“%s”里没有填写任何决定，什么都没有改动", path)
	}
	var rulings []postgres.Ruling
	for _, r := range rows {
		rulings = append(rulings, postgres.Ruling{Finding: r.ID, Release: r.Pay, Reason: r.Reason})
	}
	var done postgres.Decided
	if len(problems) == 0 {
		if done, err = a.db.DecideAll(ctx, a.region, m.String()+" "+filepath.Base(path), rulings, user, by); err != nil {
			return err
		}
		for i, err := range done.Wrong {
			problems = append(problems, reports.RulingProblem{Row: rows[i].Row, Column: "编号", Value: rows[i].ID, Reason: err.Error()})
		}
	}
	if len(problems) > 0 {
		printRulingProblems(problems)
		return fault.New(fault.Invalid, "“%s”有 %d 行不能处理（见上），什么都没有改动，请改正后重试", path, len(problems))
	}
	printDecided(m, &done)
	return nil
}

func printRulingProblems(problems []reports.RulingProblem) {
	slices.SortFunc(problems, func(x, y reports.RulingProblem) int { return x.Row - y.Row })
	for _, p := range problems {
		fmt.Printf("第 %d 行 %s“%s”：%s\n", p.Row, p.Column, p.Value, p.Reason)
	}
}

func printDecided(m month.Month, done *postgres.Decided) {
	if done.Released+done.Held == 0 {
		fmt.Printf("%d 项决定都已在案，没有改动\n", done.Same)
		return
	}
	same := ""
	if done.Same > 0 {
		same = fmt.Sprintf("，另 %d 项已在案", done.Same)
	}
	fmt.Printf("已记录 %d 项：放行 %d 项，继续暂缓 %d 项%s。请重新运行 disburse run %s，使决定生效\n",
		done.Released+done.Held, done.Released, done.Held, same, m)
}

// checksWorkbook writes what may be decided about as a workbook to fill in.
func (a *app) checksWorkbook(ctx context.Context, m month.Month, batches []payrun.Batch, path string) error {
	var numbers []int32
	for _, b := range batches {
		numbers = append(numbers, b.Number)
	}
	asked, err := a.db.Questions(ctx, a.region, numbers)
	if err != nil {
		return err
	}
	var rows []reports.CheckRow
	open := 0
	for i := range asked {
		r := checkRow(&asked[i])
		if r.Decision == "" {
			open++
		}
		rows = append(rows, r)
	}
	if err := saveChecks(path, m.Chinese()+"疑点", month.FromTime(now()), rows); err != nil {
		return err
	}
	fmt.Printf("已写出 %s：疑点 %d 项，其中未决 %d 项。填好“决定”“理由”后运行 disburse decide %s --from %s\n", path, len(rows), open, m, path)
	return nil
}

func checkRow(q *postgres.Question) reports.CheckRow {
	r := reports.CheckRow{ID: q.ID, Kind: q.Kind, Sentence: q.Sentence, Name: strings.Join(q.Names, "、")}
	var masked []string
	for _, id := range q.Numbers {
		masked = append(masked, roster.MaskID(id))
	}
	r.Masked = strings.Join(masked, "、")
	if d := q.Decided; d != nil {
		r.Decision, r.Reason = reports.HoldWord, d.Reason
		if d.Release {
			r.Decision = reports.PayWord
		}
	}
	return r
}

// saveChecks writes the workbook beside its place and moves it there whole.
func saveChecks(path, title string, date month.Date, rows []reports.CheckRow) error {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".疑点-*")
	if err != nil {
		return fault.Wrap(err, fault.Refused, "不能写到“%s”，请检查目录和权限", path)
	}
	defer os.Remove(tmp.Name())
	err = reports.WriteChecks(tmp, dir, title, date, rows)
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
