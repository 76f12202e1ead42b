package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
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

// yearFlags are those of year.
type yearFlags struct {
	out, bureau, id, encryptWith string
}

func (a *app) yearCommand() *cobra.Command {
	var f yearFlags
	c := a.command("year YYYY", "一年的领取情况：各单位的汇总和逐人明细，或一个人的对账单", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		year, err := strconv.Atoi(args[0])
		if err != nil || year < 2000 || year > 2999 {
			return usage("年份应为四位数字，如 2026，不能是“%s”", args[0])
		}
		password, err := encryption(f.encryptWith)
		if err != nil {
			return err
		}
		opt := reports.Options{Password: password}
		if f.id != "" {
			return a.statement(ctx, year, f, opt)
		}
		return a.years(ctx, year, f, opt)
	})
	c.Long = "写出 DIR/YYYY/单位/领取情况.xlsx：汇总（项目×发放月份）和个人（每人每项目一行）。只计已审批的批次。\n" +
		"加 --id 则写一个人全年的领取情况，所有单位在内，可直接打印；旧身份证号也能用；--format json 把同样的内容印在屏幕上。"
	c.Flags().StringVar(&f.out, "out", "", "目录；加 --id 时为工作簿文件")
	c.Flags().StringVar(&f.bureau, "bureau", "", "只写一个单位")
	c.Flags().StringVar(&f.id, "id", "", "只写这个身份证号的人（写 - 则从标准输入读）")
	c.Flags().StringVar(&f.encryptWith, "encrypt-with", "", "用这个文件里的口令加密工作簿")
	return c
}

// encryption reads the password file of --encrypt-with; empty: none.
func encryption(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	body, err := os.ReadFile(file)
	if err != nil {
		return "", fault.Wrap(err, fault.NotFound, "读不到口令文件“%s”，请核对 --encrypt-with 的路径", file)
	}
	password := strings.TrimRight(string(body), "\r\n")
	if password == "" {
		return "", usage("口令文件“%s”是空的", file)
	}
	return password, nil
}

// yearSource gives the year's workbook its rows.
type yearSource struct {
	app   *app
	order postgres.YearOrder
}

// Year implements reports.YearSource.
func (s *yearSource) Year(ctx context.Context, fn func(*reports.YearRow) error) (*reports.YearControl, error) {
	c, err := s.app.db.Year(ctx, s.order, func(r *postgres.YearRow) error { return fn((*reports.YearRow)(r)) })
	if err != nil {
		return nil, err
	}
	control := &reports.YearControl{Revision: c.Revision, Known: month.FromTime(c.At.In(shanghai))}
	for _, b := range c.Batches {
		control.Batches = append(control.Batches, reports.YearBatch(b))
	}
	for _, it := range c.Items {
		control.Items = append(control.Items, reports.YearItem(it))
	}
	return control, nil
}

// years writes the workbook of every bureau that paid in the year.
func (a *app) years(ctx context.Context, year int, f yearFlags, opt reports.Options) error {
	if f.out == "" {
		return usage("请用 --out 写明目录")
	}
	if a.format != "table" {
		return usage("--format 只用于 --id；各单位的领取情况写成工作簿")
	}
	if f.bureau != "" {
		if _, err := a.pack.Bureau(f.bureau); err != nil {
			return err
		}
	}
	bureaus, err := a.db.YearBureaus(ctx, a.region, year)
	if err != nil {
		return err
	}
	if err := a.looksAt(ctx, journal.Exported, "领取情况", 0, strconv.Itoa(year), f.bureau); err != nil {
		return err
	}
	written := 0
	for _, b := range bureaus {
		pack, err := a.packOf(ctx, b.Pack)
		if err != nil {
			return err
		}
		if (f.bureau != "" && b.Bureau != f.bureau) || !pack.Pays(b.Bureau) {
			continue
		}
		src := &yearSource{a, yearOrder(a.region, year, b.Bureau, pack)}
		file, err := reports.WriteYear(ctx, f.out, &reports.Year{Pack: pack.File, Year: year, Bureau: b.Bureau}, src, opt)
		if err != nil {
			return err
		}
		written++
		fmt.Printf("%s　%d 行　实发 %s 元\n", filepath.Join(f.out, strconv.Itoa(year), filepath.FromSlash(file.Path)), file.Rows, file.Amount.Grouped())
	}
	if written == 0 {
		return fault.New(fault.NotFound, "%d年没有符合条件的已审批批次，请核对年份和 --bureau", year)
	}
	return nil
}

func yearOrder(region int32, year int, bureau string, pack *policy.Pack) postgres.YearOrder {
	o := postgres.YearOrder{Region: region, Year: year, Bureau: bureau}
	for _, it := range pack.Items() {
		o.Items = append(o.Items, it.Code.Value)
	}
	for _, s := range pack.File.Streets {
		o.Streets = append(o.Streets, s.Value)
	}
	return o
}

// statement writes one person's year.
func (a *app) statement(ctx context.Context, year int, f yearFlags, opt reports.Options) error {
	if f.bureau != "" {
		return usage("--id 写出的是所有单位的，不能同时用 --bureau")
	}
	if f.out == "" && a.format != "json" {
		return usage("请用 --out 写明工作簿文件，或加 --format json")
	}
	if info, err := os.Stat(f.out); err == nil && info.IsDir() {
		return usage("“%s”是目录，--out 请写明工作簿文件，如 %s", f.out, filepath.Join(f.out, "对账单.xlsx"))
	}
	id, err := personArgument(f.id)
	if err != nil {
		return err
	}
	y, err := a.db.PersonYear(ctx, a.region, id, year)
	if err != nil {
		return err
	}
	if err := a.looksAt(ctx, journal.Exported, "个人领取情况", y.Person.Number, strconv.Itoa(year)); err != nil {
		return err
	}
	s, err := a.statementOf(ctx, year, y)
	if err != nil {
		return err
	}
	if f.out != "" {
		if err := reports.WriteStatement(ctx, f.out, s, opt); err != nil {
			return err
		}
		a.remark("已写出 %s（%s）%d年领取情况到 %s", s.Person.Name, roster.MaskID(s.Person.ID), year, f.out)
	}
	if a.format != "json" {
		return nil
	}
	enc := json.NewEncoder(os.Stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(statementJSON(s))
}

func (a *app) statementOf(ctx context.Context, year int, y *postgres.PersonYear) (*reports.Statement, error) {
	pack := a.pack
	if y.Pack != "" {
		var err error
		if pack, err = a.packOf(ctx, y.Pack); err != nil {
			return nil, err
		}
	}
	s := &reports.Statement{Pack: pack.File, Year: year, Revision: y.Revision, Known: month.FromTime(y.At.In(shanghai)), Person: y.Person, Debts: y.Debts}
	for _, p := range y.Payments {
		answered := month.Date(0)
		if p.Answer != 0 {
			answered = month.FromTime(p.AnswerAt.In(shanghai))
		}
		s.Payments = append(s.Payments, reports.StatementPayment{
			Month: p.Month, Bureau: p.Bureau, N: p.N, Item: p.Item, Payee: p.Payee,
			Current: p.Current, Arrears: p.Arrears, Recovery: p.Recovery, ArrearsOf: p.ArrearsOf, RecoveryOf: p.RecoveryOf, RecoveryOn: p.RecoveryOn,
			Number: p.Number, Seq: p.Seq, Sent: p.Sent, Answer: p.Answer, Answered: answered, Words: p.AnswerWords,
		})
	}
	for _, h := range y.Held {
		s.Held = append(s.Held, reports.StatementHeld(h))
	}
	return s, nil
}
