package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/reports"
)

// The words of --letters.
const (
	lettersChanged = "变动"
	lettersAll     = "全部"
)

func lettersFlag(c *cobra.Command, value *string) {
	c.Flags().StringVar(value, "letters", "", "写出告知书：变动（只写“--letters”时）是本批新增、停发、变更、暂缓、有补发扣回的人，全部是本批每个人")
	c.Flags().Lookup("letters").NoOptDefVal = lettersChanged
}

// wantLetters reads the value of --letters.
func (o *exportOrder) wantLetters(value string) error {
	switch value {
	case "":
		return nil
	case lettersChanged:
		o.letters = postgres.ChangedLetters
	case lettersAll:
		o.letters = postgres.AllLetters
	default:
		return usage("--letters 只能是“变动”或“全部”，不能是“%s”，如 --letters=全部", value)
	}
	o.options.Letters, o.options.AllPeople = true, o.letters == postgres.AllLetters
	return nil
}

func (a *app) letterCommand() *cobra.Command {
	var out string
	c := a.command("letter ID-NUMBER YYYY-MM", "写出一个人的告知书和追缴通知书（身份证号写 - 则从标准输入读）", cobra.ExactArgs(2), func(ctx context.Context, args []string) error {
		if out == "" {
			return usage("请用 --out 写明文件，如 --out 告知书.xlsx")
		}
		if info, err := os.Stat(out); err == nil && info.IsDir() {
			return usage("“%s”是目录，--out 请写明工作簿文件，如 %s", out, filepath.Join(out, "告知书.xlsx"))
		}
		id, err := personArgument(args[0])
		if err != nil {
			return err
		}
		m, err := parseMonth(args[1])
		if err != nil {
			return err
		}
		return a.letter(ctx, id, m, out)
	})
	c.Flags().StringVar(&out, "out", "", "工作簿")
	return c
}

// letter writes the letters of one person, of every bureau that pays them or that they
// owe.
func (a *app) letter(ctx context.Context, id string, m month.Month, out string) error {
	d, err := a.db.FindDossier(ctx, a.region, id, 0)
	if err != nil {
		return err
	}
	batches, err := a.letterBatches(ctx, m)
	if err != nil {
		return err
	}
	var all []reports.PersonLetters
	for _, b := range batches {
		is, pack, _, err := a.batchIssue(ctx, b)
		if err != nil {
			return err
		}
		o, err := a.monthOrder(ctx, is, pack)
		if err != nil {
			return err
		}
		o.Person, o.Letters = d.Number, postgres.AllLetters
		book, err := a.db.MonthBook(ctx, o)
		if err != nil {
			return err
		}
		if len(book.Letters)+len(book.Recalls) > 0 {
			all = append(all, reports.PersonLetters{Issue: is, Letters: book.Letters, Recalls: book.Recalls})
		}
	}
	if len(all) == 0 {
		return fault.New(fault.NotFound, "%s 的批次里没有 %s 的款项，也没有多发未退的款项；查看原因用 disburse explain", m, d.Name)
	}
	if err := a.looksAt(ctx, journal.Exported, "告知书", d.Number, m.String(), filepath.Base(out)); err != nil {
		return err
	}
	if err := reports.WriteLetters(ctx, out, all); err != nil {
		return err
	}
	fmt.Printf("已写出 %s（%s）%s的告知书到 %s\n", d.Name, roster.MaskID(d.ID), m.Chinese(), out)
	return nil
}

// letterBatches are those of the month that pay: each bureau's latest one, and approved
// ones before it.
func (a *app) letterBatches(ctx context.Context, m month.Month) ([]payrun.Batch, error) {
	all, err := a.db.Batches(ctx, a.region, m)
	if err != nil {
		return nil, err
	}
	var paying []payrun.Batch
	for i, b := range all { // by bureau and number
		superseded := i+1 < len(all) && all[i+1].Bureau == b.Bureau
		if b.State == payrun.Approved || (!superseded && b.State != payrun.Voided) {
			paying = append(paying, b)
		}
	}
	if len(paying) == 0 {
		return nil, fault.New(fault.NotFound, "%s 还没有批次，请先运行 disburse run %s", m, m)
	}
	return paying, nil
}
