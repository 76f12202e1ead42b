package bank

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/office/export"
	"disburse/internal/office/monthly"
)

// bankFile sends one bank file as its bank loads it; a file of two parts as a zip file. The
// access is logged.
func bankFile(v *web.Visit) error {
	b, err := v.Batch()
	if err != nil {
		return err
	}
	file, err := v.PathNumber("file")
	if err != nil {
		return err
	}
	by, of := v.By(""), v.Office
	return v.Deliver(web.Download{Write: func(ctx context.Context, dir string) (string, error) {
		paths, err := export.BankFile(ctx, of, b, int(file), dir, by)
		if err != nil || len(paths) == 1 {
			return strings.Join(paths, ""), err
		}
		archive := filepath.Join(dir, strings.TrimSuffix(filepath.Base(paths[0]), filepath.Ext(paths[0]))+".zip")
		return archive, zipParts(archive, paths)
	}})
}

// zipParts packs files into a zip file.
func zipParts(archive string, paths []string) error {
	out, err := os.OpenFile(archive, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	z := zip.NewWriter(out)
	for _, path := range paths {
		if err := addPart(z, path); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	return out.Close()
}

// addPart adds one file to a zip file.
func addPart(z *zip.Writer, path string) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	w, err := z.Create(filepath.Base(path))
	if err == nil {
		_, err = io.Copy(w, in)
	}
	return err
}

// bankSent registers that a batch's files were sent to the banks. Errors: fault.Denied for
// another bureau's.
func bankSent(v *web.Visit) error {
	b, err := v.Batch()
	if err != nil {
		return err
	}
	if b.Bureau != v.User.Bureau {
		return fault.New(fault.Denied, "%s由%s送银行，您属于%s", approval.Title(b), b.Bureau, v.User.Bureau)
	}
	_, err = monthly.Sent(v.R.Context(), v.Office, monthly.Signing{Month: b.Month, Bureau: b.Bureau, By: v.By("")}, b.N)
	if err != nil {
		return err
	}
	return v.Redirect("/bank/month/"+b.Month.String(), fmt.Sprintf("%s已登记送银行，可发 %s 元；不能再作废，请等银行回盘。", approval.Title(b), web.Yuan(b.Pays)))
}
