package export

import (
	"context"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/office/export"
)

// Command is export.
func Command(a *kit.App) *cobra.Command {
	o := export.Order{}
	var encryptWith, letters string
	c := a.Command("export YYYY-MM", "写出清册、名册和银行文件", cobra.ExactArgs(1), func(ctx context.Context, args []string) error {
		var err error
		if o.Month, err = kit.ParseMonth(args[0]); err != nil {
			return err
		}
		if o.Dir == "" {
			return kit.Usage("请用 --out 写明目录")
		}
		if o.Password, err = kit.FilePassword(encryptWith, "--encrypt-with"); err != nil {
			return err
		}
		if o.Letters, err = wantLetters(letters); err != nil {
			return err
		}
		if o.By, err = a.By(ctx, ""); err != nil {
			return err
		}
		done, err := export.Write(ctx, a.Office, &o)
		if err != nil {
			return err
		}
		a.Printf("已写出 %d 个文件到 %s\n", len(done.Files)+1, done.Folder) // and the manifest
		return nil
	})
	c.Flags().StringVar(&o.Dir, "out", "", "目录")
	c.Flags().StringVar(&o.Bureau, "bureau", "", "只写一个单位")
	c.Flags().IntVar(&o.Batch, "batch", 0, "第几批（缺省为最后一批）")
	c.Flags().StringVar(&encryptWith, "encrypt-with", "", "用这个文件里的口令加密工作簿")
	c.Flags().BoolVar(&o.FullLists, "full-lists", false, "只列变动的名册也写出全部名单")
	lettersFlag(c, &letters)
	return c
}
