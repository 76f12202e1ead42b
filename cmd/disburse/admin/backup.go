package admin

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"disburse/cmd/disburse/kit"
	"disburse/internal/backup"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/money"
	"disburse/internal/office/admin"
)

// BackupCommand is backup.
func BackupCommand(a *kit.App) *cobra.Command {
	var encryptWith string
	c := &cobra.Command{
		Use: "backup FILE", Short: "把整个数据库备份成一个文件", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			defer a.Close()
			password, err := kit.FilePassword(encryptWith, "--encrypt-with")
			if err != nil {
				return err
			}
			return backUp(c.Context(), a, args[0], password)
		},
	}
	c.Flags().StringVar(&encryptWith, "encrypt-with", "", "用这个文件里的口令加密备份")
	return c
}

// backUp does not migrate, and writes nothing but the access log: before an upgrade, the new program backs up what the old one made.
func backUp(ctx context.Context, a *kit.App, file, password string) error {
	if a.Given() == "" {
		if _, err := os.Stat(filepath.Join(a.Data, "pg")); err != nil {
			return fault.Wrap(err, fault.NotFound, "目录“%s”里没有单机数据库，没有可以备份的内容，请核对 --data 或 --db", a.Data)
		}
	}
	b, err := admin.Backup(ctx, &admin.BackupOrder{File: file, Password: password, By: onThisMachine(), URL: a.Reach, Tell: whisper(a)})
	if err != nil {
		return err
	}
	protected := "未加密，请妥善保管"
	if password != "" {
		protected = "已加密"
	}
	a.Printf("已备份到 %s：%d 张表，%d 行，%.1f MB（%s）\n", file, len(b.Trailer.Tables), b.Trailer.Rows(), float64(b.Size)/(1<<20), protected)
	a.Println("文件 SHA-256：" + b.SHA256)
	return printControls(a, b.Header, b.Trailer)
}

// onThisMachine is who backs up and restores: always the user of the operating system, as
// no account is there before a restore, nor sure to be read before an upgrade.
func onThisMachine() journal.By {
	return journal.By{Actor: "os:" + kit.OSUser(), Origin: kit.Hostname(), At: kit.Now()}
}

// whisper says what goes on, on a terminal only.
func whisper(a *kit.App) func(string) {
	f, ok := a.Stderr.(*os.File)
	if !ok {
		return func(string) {}
	}
	if info, err := f.Stat(); err != nil || info.Mode()&fs.ModeCharDevice == 0 {
		return func(string) {}
	}
	return a.Tell
}

// printControls prints what is to be compared after restoring, or with a signature page.
func printControls(a *kit.App, h *backup.Header, t *backup.Trailer) error {
	for i, r := range h.Regions {
		c := t.Controls[i]
		settled, err := fen(c.Settled)
		if err != nil {
			return err
		}
		paid, err := fen(c.Paid)
		if err != nil {
			return err
		}
		a.Printf("%s（%d）：%d 人，台账 %d 条、余额合计 %s 元，付款 %d 笔 %s 元\n", r.Name, r.Region, c.People, c.Entries, settled, c.Payments, paid)
		a.Printf("  第 %d 号修订，链头 %s\n", r.Head, r.Hash)
	}
	return nil
}

// fen writes a sum in 分 as 元; the file has it as text, beyond the range of one amount.
func fen(s string) (string, error) {
	var n int64
	if _, err := fmt.Sscan(s, &n); err != nil {
		return "", fmt.Errorf("read control total %q: %w", s, err)
	}
	return money.Fen(n).Grouped(), nil
}

// RestoreCommand is restore.
func RestoreCommand(a *kit.App) *cobra.Command {
	var decryptWith string
	c := &cobra.Command{
		Use: "restore FILE", Short: "把备份恢复到一个空数据库", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			defer a.Close()
			password, err := kit.FilePassword(decryptWith, "--decrypt-with")
			if err != nil {
				return err
			}
			return restore(c.Context(), a, args[0], password)
		},
	}
	c.Flags().StringVar(&decryptWith, "decrypt-with", "", "存有备份口令的文件")
	return c
}

// restore looks through the whole file before it touches a database.
func restore(ctx context.Context, a *kit.App, file, password string) error {
	b, err := admin.Restore(ctx, &admin.RestoreOrder{File: file, Password: password, By: onThisMachine(), URL: a.Reach, Tell: whisper(a)})
	if err != nil {
		return err
	}
	a.Printf("已从 %s 恢复：%d 张表，%d 行，%s 备份；审计链和余额与备份时一致\n",
		file, len(b.Trailer.Tables), b.Trailer.Rows(), b.Header.Written.Format("2006-01-02 15:04"))
	return printControls(a, b.Header, b.Trailer)
}
