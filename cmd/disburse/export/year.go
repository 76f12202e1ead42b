package export

import (
	"context"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/office/export"
	"disburse/internal/roster"
)

// yearFlags are those of year.
type yearFlags struct {
	out, bureau, id, encryptWith string
}

// YearCommand is year.
func YearCommand(a *kit.App) *cobra.Command {
	var f yearFlags
	c := a.Command("year YYYY", "一年的领取情况：各单位的汇总和逐人明细，或一个人的对账单", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		year, err := strconv.Atoi(args[0])
		if err != nil || year < 2000 || year > 2999 {
			return kit.Usage("年份应为四位数字，如 2026，不能是“%s”", args[0])
		}
		password, err := kit.FilePassword(f.encryptWith, "--encrypt-with")
		if err != nil {
			return err
		}
		if f.id != "" {
			return statement(ctx, a, year, f, password)
		}
		return years(ctx, a, year, f, password)
	})
	c.Long = "写出 DIR/YYYY/单位/领取情况.xlsx：汇总（项目×发放月份）和个人（每人每项目一行）。只计已审批的批次。\n" +
		"加 --id 则写一个人全年的领取情况，所有单位在内，可直接打印；旧身份证号也能用；--format json 把同样的内容印在屏幕上。"
	c.Flags().StringVar(&f.out, "out", "", "目录；加 --id 时为工作簿文件")
	c.Flags().StringVar(&f.bureau, "bureau", "", "只写一个单位")
	c.Flags().StringVar(&f.id, "id", "", "只写这个身份证号的人（写 - 则从标准输入读）")
	c.Flags().StringVar(&f.encryptWith, "encrypt-with", "", "用这个文件里的口令加密工作簿")
	return c
}

// years writes the workbook of every bureau that paid in the year.
func years(ctx context.Context, a *kit.App, year int, f yearFlags, password string) error {
	if f.out == "" {
		return kit.Usage("请用 --out 写明目录")
	}
	if a.Format != "table" {
		return kit.Usage("--format 只用于 --id；各单位的领取情况写成工作簿")
	}
	by, err := a.By(ctx, "")
	if err != nil {
		return err
	}
	files, err := export.Years(ctx, a.Office, &export.YearOrder{Year: year, Bureau: f.bureau, Dir: f.out, Password: password, By: by})
	if err != nil {
		return err
	}
	for _, file := range files {
		a.Printf("%s　%d 行　实发 %s 元\n", filepath.Join(f.out, strconv.Itoa(year), filepath.FromSlash(file.Path)), file.Rows, file.Amount.Grouped())
	}
	return nil
}

// statement writes one person's year.
func statement(ctx context.Context, a *kit.App, year int, f yearFlags, password string) error {
	if f.bureau != "" {
		return kit.Usage("--id 写出的是所有单位的，不能同时用 --bureau")
	}
	if f.out == "" && a.Format != "json" {
		return kit.Usage("请用 --out 写明工作簿文件，或加 --format json")
	}
	if info, err := os.Stat(f.out); err == nil && info.IsDir() {
		return kit.Usage("“%s”是目录，--out 请写明工作簿文件，如 %s", f.out, filepath.Join(f.out, "对账单.xlsx"))
	}
	id, err := a.PersonArgument(f.id)
	if err != nil {
		return err
	}
	by, err := a.By(ctx, "")
	if err != nil {
		return err
	}
	s, err := export.Statement(ctx, a.Office, &export.StatementOrder{ID: id, Year: year, Out: f.out, Password: password, By: by})
	if err != nil {
		return err
	}
	if f.out != "" {
		a.Remark("已写出 %s（%s）%d年领取情况到 %s", s.Person.Name, roster.MaskID(s.Person.ID), year, f.out)
	}
	if a.Format != "json" {
		return nil
	}
	return a.PrintIndentedJSON(statementJSON(s))
}
