package export

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
	"disburse/reports"
	"disburse/reports/filing"
)

// FilesReport is what was found out about the files of a month.
type FilesReport struct {
	Strange []string // sentences about files that the manifest does not have
	Batches []VerifiedFiles
}

// VerifiedFiles are the files of one batch.
type VerifiedFiles struct {
	Bureau      string
	N           int
	Files       int
	Encrypted   int      // of them; only their SHA-256 could be compared
	Differences []string // sentences
}

// Verify compares the files of a month under dir with the manifest that was written
// with them, and with what the program writes now from the same batches. Where something
// differs it fails with fault.Refused, and the report says what.
func Verify(ctx context.Context, o *office.Office, m month.Month, dir string) (*FilesReport, error) {
	folder := filepath.Join(dir, m.String())
	if filepath.Base(filepath.Clean(dir)) == m.String() {
		folder = dir
	}
	manifest, err := filing.ReadManifest(folder)
	if err != nil {
		return nil, err
	}
	if len(manifest.Batches) == 0 {
		return nil, fault.New(fault.NotFound, "“%s”里没有 %s 的 manifest.json，请核对 --files 是不是 export 的 --out 目录", dir, m)
	}
	batches, err := o.Batches(ctx, m, false)
	if err != nil {
		return nil, err
	}
	report := &FilesReport{}
	if report.Strange, err = strangeFiles(folder, manifest); err != nil {
		return nil, err
	}
	total := len(report.Strange)
	for i := range manifest.Batches {
		found, err := verifyBatchFiles(ctx, o, folder, manifest, &manifest.Batches[i], batches)
		if err != nil {
			return nil, err
		}
		report.Batches = append(report.Batches, found)
		total += len(found.Differences)
	}
	if total > 0 {
		return report, fault.New(fault.Refused, "“%s”里的文件有 %d 处不一致，请查明原因，不要使用这些文件", folder, total)
	}
	return report, nil
}

func verifyBatchFiles(ctx context.Context, o *office.Office, folder string, manifest *filing.Manifest, written *filing.ManifestBatch, batches []payrun.Batch) (VerifiedFiles, error) {
	v := filesCheck{office: o, folder: folder, batch: written}
	for k := range manifest.Files {
		if f := &manifest.Files[k]; f.Bureau == written.Bureau && f.Batch == written.Batch {
			v.files = append(v.files, f)
		}
	}
	at := slices.IndexFunc(batches, func(b payrun.Batch) bool { return b.Bureau == written.Bureau && b.N == written.Batch })
	if at < 0 {
		v.differ("%s第%d批在数据库里没有", written.Bureau, written.Batch)
	} else if err := v.check(ctx, batches[at]); err != nil {
		return VerifiedFiles{}, err
	}
	return VerifiedFiles{written.Bureau, written.Batch, len(v.files), v.encrypted, v.differences}, nil
}

// filesCheck compares the files of one batch.
type filesCheck struct {
	office      *office.Office
	folder      string
	batch       *filing.ManifestBatch
	files       []*filing.ManifestFile
	differences []string
	encrypted   int
}

func (v *filesCheck) differ(format string, args ...any) {
	v.differences = append(v.differences, fmt.Sprintf(format, args...))
}

func (v *filesCheck) check(ctx context.Context, b payrun.Batch) error {
	hash, err := batches.ChainHash(ctx, v.office.DB, v.office.Region, v.batch.ChainRevision)
	if err != nil || hex.EncodeToString(hash) != v.batch.ChainHead {
		v.differ("清单上的链头（第 %d 号 %s）与审计链不符", v.batch.ChainRevision, v.batch.ChainHead)
	}
	same := v.batch.State == string(b.State) && v.batch.Digest == b.Digest
	if !same {
		v.differ("文件写出之后%s有变动（当时是%s，现在是%s），请重新写出", approval.Title(b), payrun.State(v.batch.State).Chinese(), b.State.Chinese())
	}
	var plain []*filing.ManifestFile // to be compared with what is written now
	for _, f := range v.files {
		sum, locked, err := v.sum(f)
		switch {
		case err != nil:
			v.differ("%s：读不到", f.Path)
		case sum != f.SHA256:
			v.differ("%s：内容被改动（SHA-256 与清单不符）", f.Path)
		case locked:
			v.encrypted++
		default:
			plain = append(plain, f)
		}
	}
	if !same || len(plain) == 0 {
		return nil
	}
	return v.rewrite(ctx, b, plain)
}

// sum returns a file's SHA-256, and whether it is an encrypted workbook.
func (v *filesCheck) sum(f *filing.ManifestFile) (sum string, locked bool, err error) {
	if !filepath.IsLocal(f.Path) {
		return "", false, fmt.Errorf("path %q leads out of the folder", f.Path)
	}
	in, err := os.Open(filepath.Join(v.folder, f.Path))
	if err != nil {
		return "", false, err
	}
	defer in.Close()
	compound := []byte{0xd0, 0xcf, 0x11, 0xe0} // how an encrypted workbook begins
	head := make([]byte, len(compound))
	n, err := io.ReadFull(in, head)
	if err != nil && n == 0 {
		return "", false, err
	}
	h := sha256.New()
	h.Write(head[:n])
	if _, err := io.Copy(h, in); err != nil {
		return "", false, err
	}
	return hex.EncodeToString(h.Sum(nil)), bytes.Equal(head, compound), nil
}

// rewrite writes the batch's files again, into a folder of its own, and compares. Which
// options they were written with stands nowhere: a file is right if one of them gives it.
func (v *filesCheck) rewrite(ctx context.Context, b payrun.Batch, files []*filing.ManifestFile) error {
	for _, x := range v.options() {
		sums, err := writtenNow(ctx, v.office, b, &x, v.batch.DeathsAt)
		if err != nil {
			return err
		}
		files = slices.DeleteFunc(files, func(f *filing.ManifestFile) bool { return sums[f.Path] == f.SHA256 })
		if len(files) == 0 {
			return nil
		}
	}
	for _, f := range files {
		v.differ("%s：与现在重新写出的不同", f.Path)
	}
	return nil
}

// options are those that the files may have been written with, the likeliest first.
func (v *filesCheck) options() []Order {
	people := []books.Letters{books.NoLetters}
	if slices.ContainsFunc(v.files, func(f *filing.ManifestFile) bool {
		return f.Kind == reports.KindLetters || f.Kind == reports.KindRecalls
	}) {
		people = []books.Letters{books.ChangedLetters, books.AllLetters}
	}
	var all []Order
	for _, full := range []bool{false, true} {
		for _, letters := range people {
			all = append(all, Order{FullLists: full, Letters: letters})
		}
	}
	return all
}

// writtenNow writes a batch's files into a temporary folder and returns their SHA-256 by path.
func writtenNow(ctx context.Context, o *office.Office, b payrun.Batch, x *Order, deathsAt int64) (map[string]string, error) {
	dir, err := os.MkdirTemp("", "disburse-verify-")
	if err != nil {
		return nil, fault.Wrap(err, fault.Refused, "不能建立临时目录，请检查磁盘空间和权限")
	}
	defer os.RemoveAll(dir)
	is, src, err := issue(ctx, o, b, x.Letters, deathsAt)
	if err != nil {
		return nil, err
	}
	files, err := reports.Write(ctx, dir, is, src, x.options())
	if err != nil {
		return nil, err
	}
	sums := make(map[string]string)
	for _, f := range files {
		sums[f.Path] = f.SHA256
	}
	return sums, nil
}

// strangeFiles names what is in the month's folder and not in the manifest.
func strangeFiles(folder string, manifest *filing.Manifest) ([]string, error) {
	known := map[string]bool{"manifest.json": true}
	for _, f := range manifest.Files {
		known[filepath.Clean(f.Path)] = true
	}
	var strange []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		// Hidden files are locks and the like.
		if rel, err := filepath.Rel(folder, path); err == nil && !known[rel] && !strings.HasPrefix(d.Name(), ".") {
			strange = append(strange, rel+"：不在清单里")
		}
		return nil
	})
	if err != nil {
		return nil, fault.Wrap(err, fault.Refused, "不能读目录“%s”，请检查权限", folder)
	}
	return strange, nil
}
