package web

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"disburse/internal/fault"
	"disburse/internal/office"
	"disburse/internal/store/work"
)

// FormFile opens an uploaded file; want names it in sentences. The caller closes it. Errors:
// fault.Invalid for no file, an empty one, or one that was not received completely.
func (v *Visit) FormFile(field, want string) (name string, in multipart.File, err error) {
	in, head, err := v.R.FormFile(field)
	switch {
	case errors.Is(err, http.ErrMissingFile), errors.Is(err, http.ErrNotMultipart):
		return "", nil, fault.Wrap(err, fault.Invalid, "没有收到文件，请先选好%s再上传", want)
	case err != nil:
		return "", nil, fault.Wrap(err, fault.Invalid, "文件没有传完整，没有接收，请重新上传")
	case head.Size == 0:
		return "", nil, errors.Join(fault.New(fault.Invalid, "收到的文件是空的，请核对%s", want), in.Close())
	}
	return SafeFileName(head.Filename), in, nil
}

// SaveUpload stores an uploaded file for a day, for this user and under a kind; want names it
// in sentences. check, which may be nil, can refuse the file before it is stored. Errors: as
// FormFile; fault.Refused over the user's daily quota.
func (v *Visit) SaveUpload(field, kind, want string, check func(path string) error) (work.Upload, error) {
	name, in, err := v.FormFile(field, want)
	if err != nil {
		return work.Upload{}, err
	}
	defer func() { _ = in.Close() }()
	if check != nil {
		err := withFile(name, func(w io.Writer) error { _, err := io.Copy(w, in); return err }, check)
		if err == nil {
			_, err = in.Seek(0, io.SeekStart)
		}
		if err != nil {
			return work.Upload{}, err
		}
	}
	return work.SaveUpload(v.R.Context(), v.Office.DB, v.Office.Region, work.Upload{Actor: v.User.Name, Kind: kind, Name: name}, in, v.Now())
}

// DropIfFailed deletes an upload whose task could not be started: no page would lead to it.
func (v *Visit) DropIfFailed(u work.Upload, err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(err, work.DeleteUpload(v.R.Context(), v.Office.DB, v.Office.Region, u.Number))
}

// FailedFile is the result of a task that failed on a file. It links to the file's page, where
// the user can retry. A file that cannot be read at all is deleted, as it would only count
// against the daily quota; then the link leads back to the upload form.
func FailedFile(ctx context.Context, of *office.Office, u work.Upload, err error, page, back string) (message, link string, _ error) {
	if !fault.Is(err, fault.Invalid) {
		return "", page, err
	}
	return "", back, errors.Join(err, work.DeleteUpload(ctx, of.DB, of.Region, u.Number))
}

// OwnUpload is the upload that the path names, if it is this user's and of the kind. Errors:
// fault.NotFound.
func (v *Visit) OwnUpload(kind string) (work.Upload, error) {
	n, err := v.PathNumber("upload")
	if err != nil {
		return work.Upload{}, err
	}
	u, err := work.ReadUpload(v.R.Context(), v.Office.DB, v.Office.Region, n, v.User.Name)
	if err == nil && u.Kind != kind {
		return u, NotFound()
	}
	return u, err
}

// SafeFileName makes a file name from a browser safe to use: no path, no control characters,
// no leading dot, at most 60 characters.
func SafeFileName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) && r != ' ' || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, name)
	name = strings.TrimLeft(strings.TrimSpace(name), ".")
	const longest = 60 // characters; file systems allow 255 bytes
	if r := []rune(name); len(r) > longest {
		name = string(r[:40]) + "…" + string(r[len(r)-16:])
	}
	if name == "" {
		return "文件"
	}
	return name
}

// WithUploadFile calls fn with a temporary copy of an upload under its own name. Reading large
// workbooks takes much memory, so only maxReads run at a time; the others wait.
func (s *Server) WithUploadFile(ctx context.Context, u work.Upload, fn func(path string) error) error {
	select {
	case s.readSlots <- struct{}{}:
		defer func() { <-s.readSlots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return withFile(u.Name, func(w io.Writer) error { return work.CopyUpload(ctx, s.Office.DB, s.Office.Region, u, w) }, fn)
}

// withFile calls fn with a temporary file of that name, filled by write and removed after fn.
func withFile(name string, write func(io.Writer) error, fn func(path string) error) error {
	return WithTempDir(func(dir string) error {
		path := filepath.Join(dir, name)
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
		if err != nil {
			return TempFileError(err)
		}
		if err := errors.Join(write(f), f.Close()); err != nil {
			return writeError(err)
		}
		return fn(path)
	})
}

// writeError is TempFileError, unless the cause is a fault already or a cancelled request.
func writeError(err error) error {
	var f *fault.Fault
	if errors.As(err, &f) || errors.Is(err, context.Canceled) {
		return err
	}
	return TempFileError(err)
}
