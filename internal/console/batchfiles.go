package console

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
	"disburse/reports"
)

// filesData is what 文件 shows.
type filesData struct {
	Payments []approval.PaymentFile
	Ready    []postgres.KeptUpload // written for this user, kept for a day
	Writes   bool                  // the user may have files written
	Banks    bool                  // there are bank files
}

// fileKind is what the files written of a batch are kept under.
func fileKind(b payrun.Batch) string { return fmt.Sprintf("文件 %d", b.Number) }

func (v *visit) batchFiles() error {
	p, err := v.batchPage("files")
	if err != nil {
		return err
	}
	d := &filesData{Writes: p.Signs || v.user.Post == approval.Auditor}
	if d.Payments, err = v.office.DB.PaymentFiles(v.r.Context(), v.office.Region, p.Batch.Number); err != nil {
		return err
	}
	d.Banks = len(d.Payments) > 0 && p.Batch.State == payrun.Approved
	if d.Writes {
		if d.Ready, err = v.office.DB.Uploads(v.r.Context(), v.office.Region, v.user.Name, fileKind(p.Batch)); err != nil {
			return err
		}
	}
	return v.showBatch("batch-files", p, d)
}

// writeFiles writes a batch's files as work: all of them into one zip, or a single bank
// file. They wait a day for the user who asked for them, in the database.
func (v *visit) writeFiles() error {
	b, err := v.batch()
	if err != nil {
		return err
	}
	if b.State == payrun.Voided || b.State == payrun.CarriedOver {
		return fault.New(fault.Refused, "%s%s，没有可用的文件", approval.Title(b), b.State.Chinese())
	}
	letters := map[string]postgres.Letters{"": postgres.NoLetters, "changed": postgres.ChangedLetters, "all": postgres.AllLetters}
	order := office.ExportOrder{Month: b.Month, Bureau: b.Bureau, Batch: b.N, Letters: letters[v.form("letters")],
		FullLists: v.form("full") != "", Password: v.r.FormValue("password"), By: v.by("")}
	if order.Password != v.r.FormValue("again") {
		return fault.New(fault.Invalid, "两次输入的打开密码不一样，请重新输入")
	}
	number := v.form("number")
	back := fmt.Sprintf("/batch/%d/files", b.Number)
	return v.start(job{kind: fmt.Sprintf("files %d %s", b.Number, v.user.Name), title: "写文件 " + approval.Title(b), bureau: b.Bureau,
		do: func(ctx context.Context, p *progress) (string, string, error) {
			p.Step("写清册和银行文件")
			sentence, err := v.export(ctx, b, &order, number)
			return sentence, back, err
		}})
}

// export writes the files and keeps them for the user.
func (v *visit) export(ctx context.Context, b payrun.Batch, order *office.ExportOrder, number string) (string, error) {
	dir, err := os.MkdirTemp("", "disburse-files-")
	if err != nil {
		return "", noRoom(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	order.Dir = dir
	written, err := v.office.Export(ctx, order)
	if err != nil {
		return "", withoutFolder(err, dir)
	}
	u := postgres.Upload{Actor: order.By.Actor, Kind: fileKind(b)}
	sentence, file := fmt.Sprintf("已写出 %d 个文件，请在文件页下载。", len(written.Files)), ""
	if number == "" {
		u.Name, file = approval.Title(b)+".zip", filepath.Join(dir, "all.zip")
		err = zipped(file, written.Folder)
	} else {
		sentence = "银行文件 " + number + " 已写出，请在文件页下载。"
		file, err = bankFile(written, number)
		u.Name = filepath.Base(file)
	}
	if err == nil {
		_, err = v.keepMade(ctx, u, file)
	}
	return sentence, err
}

// zipped packs a folder with its files in order.
func zipped(file, folder string) error {
	out, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return noRoom(err)
	}
	z := zip.NewWriter(out)
	if err := errors.Join(z.AddFS(os.DirFS(folder)), z.Close(), out.Close()); err != nil {
		return fmt.Errorf("pack files: %w", err)
	}
	return nil
}

// bankFile finds the one bank file of a number.
func bankFile(written *office.Exported, number string) (file string, err error) {
	at := slices.IndexFunc(written.Files, func(f reports.File) bool { return f.Kind == reports.KindBank && f.Number == number })
	if at < 0 {
		return "", fault.New(fault.NotFound, "这一批没有编号为 %s 的银行文件，请从文件列表里选", number)
	}
	return filepath.Join(written.Folder, filepath.FromSlash(written.Files[at].Path)), nil
}

// downloadFile hands out a file that was written, and records it.
func (v *visit) downloadFile() error {
	b, err := v.batch()
	if err != nil {
		return err
	}
	n, err := v.number("file")
	if err != nil {
		return err
	}
	u, err := v.office.DB.Upload(v.r.Context(), v.office.Region, n, v.user.Name)
	if err != nil {
		return err
	}
	if u.Kind != fileKind(b) {
		return nowhere()
	}
	err = v.office.DB.LogAccess(v.r.Context(), v.office.Region, v.by(""), journal.Access{Action: journal.Exported, Subject: "下载批次文件",
		Scope: approval.Title(b) + " " + u.Name})
	if err != nil {
		return err
	}
	return v.sendKept(u)
}
