package export

import (
	"context"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/office/export"
	"disburse/internal/roster"
	"disburse/internal/store/books"
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
func wantLetters(value string) (books.Letters, error) {
	switch value {
	case "":
		return books.NoLetters, nil
	case lettersChanged:
		return books.ChangedLetters, nil
	case lettersAll:
		return books.AllLetters, nil
	}
	return 0, kit.Usage("--letters 只能是“变动”或“全部”，不能是“%s”，如 --letters=全部", value)
}

// LetterCommand is letter.
func LetterCommand(a *kit.App) *cobra.Command {
	var out string
	c := a.Command("letter ID-NUMBER YYYY-MM", "写出一个人的告知书和追缴通知书（身份证号写 - 则从标准输入读）", cobra.ExactArgs(2), func(ctx context.Context, args []string) error {
		if out == "" {
			return kit.Usage("请用 --out 写明文件，如 --out 告知书.xlsx")
		}
		if info, err := os.Stat(out); err == nil && info.IsDir() {
			return kit.Usage("“%s”是目录，--out 请写明工作簿文件，如 %s", out, filepath.Join(out, "告知书.xlsx"))
		}
		id, err := a.PersonArgument(args[0])
		if err != nil {
			return err
		}
		m, err := kit.ParseMonth(args[1])
		if err != nil {
			return err
		}
		by, err := a.By(ctx, "")
		if err != nil {
			return err
		}
		d, err := export.Letter(ctx, a.Office, id, m, out, by)
		if err != nil {
			return err
		}
		a.Printf("已写出 %s（%s）%s的告知书到 %s\n", d.Name, roster.MaskID(d.ID), m.Chinese(), out)
		return nil
	})
	c.Flags().StringVar(&out, "out", "", "工作簿")
	return c
}
