package filing

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/money"
)

// File is one file that was written.
type File struct {
	Path   string // within the month's folder, with slashes
	Kind   string
	Bureau string
	Bank   string // of a bank file
	Number string // of a bank file
	SHA256 string // hex
	Rows   int    // lines, payments, people or debts
	Amount money.Fen
}

// CannotWrite gives staff a sentence for errors that have none of their own.
func CannotWrite(dir string, err error) error {
	var f *fault.Fault
	if errors.As(err, &f) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fault.Wrap(err, fault.Internal, "无法在“%s”写出清册和银行文件，请检查磁盘空间和目录权限后重试；仍不行请联系维护人员", dir)
}

// FolderName makes a bureau's name safe as the name of a folder.
func FolderName(bureau string) string {
	name := strings.Trim(strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, bureau), ". ")
	if name == "" {
		return "-"
	}
	return name
}

// BookName names a workbook of a bureau's batch n.
func BookName(name string, n int) string {
	if n > 1 {
		return fmt.Sprintf("%s-%d.xlsx", name, n)
	}
	return name + ".xlsx"
}
