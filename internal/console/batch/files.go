package batch

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/office/export"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
	"disburse/internal/store/work"
	"disburse/reports"
	"disburse/reports/filing"
)

// filesData is the data of 文件.
type filesData struct {
	Payments []approval.PaymentFile
	Ready    []work.Upload // generated for this user, stored for a day
	Writes   bool          // the user may generate files
	Banks    bool          // the batch has bank files
}

// fileKind is the upload kind of a batch's generated files.
func fileKind(b payrun.Batch) string { return fmt.Sprintf("文件 %d", b.Number) }

func batchFiles(v *web.Visit) error {
	p, err := pageOf(v, "files")
	if err != nil {
		return err
	}
	d := &filesData{Writes: p.Signs || v.User.Post == approval.Auditor}
	if d.Payments, err = batches.PaymentFiles(v.R.Context(), v.Office.DB, v.Office.Region, p.Batch.Number); err != nil {
		return err
	}
	d.Banks = len(d.Payments) > 0 && p.Batch.State == payrun.Approved
	if d.Writes {
		if d.Ready, err = work.Uploads(v.R.Context(), v.Office.DB, v.Office.Region, v.User.Name, fileKind(p.Batch)); err != nil {
			return err
		}
	}
	return showBatch(v, "batch-files", p, d)
}

// writeFiles generates a batch's files as a task: all of them in one zip file, or a single bank
// file. They are stored in the database for a day, for this user.
func writeFiles(v *web.Visit) error {
	b, err := v.Batch()
	if err != nil {
		return err
	}
	if b.State == payrun.Voided || b.State == payrun.CarriedOver {
		return fault.New(fault.Refused, "%s%s，没有可用的文件", approval.Title(b), b.State.Chinese())
	}
	letters := map[string]books.Letters{"": books.NoLetters, "changed": books.ChangedLetters, "all": books.AllLetters}
	order := export.Order{Month: b.Month, Bureau: b.Bureau, Batch: b.N, Letters: letters[v.Form("letters")],
		FullLists: v.Form("full") != "", Password: v.R.FormValue("password"), By: v.By("")}
	if order.Password != v.R.FormValue("again") {
		return fault.New(fault.Invalid, "两次输入的打开密码不一样，请重新输入")
	}
	number := v.Form("number")
	back := fmt.Sprintf("/batch/%d/files", b.Number)
	return v.Start(web.Task{Kind: fmt.Sprintf("files %d %s", b.Number, v.User.Name), Title: "写文件 " + approval.Title(b), Bureau: b.Bureau,
		Do: func(ctx context.Context, p *web.Progress) (string, string, error) {
			p.Step("写清册和银行文件")
			sentence, err := storeFiles(ctx, v, b, &order, number)
			return sentence, back, err
		}})
}

// storeFiles generates the files and stores them for the user.
func storeFiles(ctx context.Context, v *web.Visit, b payrun.Batch, order *export.Order, number string) (string, error) {
	sentence := "银行文件 " + number + " 已写出，请在文件页下载。"
	err := web.WithTempDir(func(dir string) error {
		order.Dir = dir
		written, err := export.Write(ctx, v.Office, order)
		if err != nil {
			return err
		}
		u, file := work.Upload{Actor: order.By.Actor, Kind: fileKind(b)}, ""
		if number == "" {
			sentence = fmt.Sprintf("已写出 %d 个文件，请在文件页下载。", len(written.Files))
			u.Name, file = approval.Title(b)+".zip", filepath.Join(dir, "all.zip")
			err = zipped(file, written.Folder)
		} else {
			file, err = bankFile(written, number)
			u.Name = filepath.Base(file)
		}
		if err == nil {
			_, err = v.Server.SaveDownload(ctx, u, file)
		}
		return err
	})
	return sentence, err
}

// zipped packs a folder into a zip file, in the order of names.
func zipped(file, folder string) error {
	out, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return web.TempFileError(err)
	}
	z := zip.NewWriter(out)
	if err := errors.Join(z.AddFS(os.DirFS(folder)), z.Close(), out.Close()); err != nil {
		return fmt.Errorf("pack files: %w", err)
	}
	return nil
}

// bankFile finds the bank file of a number. Errors: fault.NotFound.
func bankFile(written *export.Written, number string) (file string, err error) {
	at := slices.IndexFunc(written.Files, func(f filing.File) bool { return f.Kind == reports.KindBank && f.Number == number })
	if at < 0 {
		return "", fault.New(fault.NotFound, "这一批没有编号为 %s 的银行文件，请从文件列表里选", number)
	}
	return filepath.Join(written.Folder, filepath.FromSlash(written.Files[at].Path)), nil
}

// downloadFile sends a generated file. The access is logged first.
func downloadFile(v *web.Visit) error {
	b, err := v.Batch()
	if err != nil {
		return err
	}
	n, err := v.PathNumber("file")
	if err != nil {
		return err
	}
	u, err := work.ReadUpload(v.R.Context(), v.Office.DB, v.Office.Region, n, v.User.Name)
	if err != nil {
		return err
	}
	if u.Kind != fileKind(b) {
		return web.NotFound()
	}
	err = v.Office.LogAccess(v.R.Context(), v.By(""), journal.Exported, "下载批次文件", 0, approval.Title(b), u.Name)
	if err != nil {
		return err
	}
	return v.SendUpload(u)
}
