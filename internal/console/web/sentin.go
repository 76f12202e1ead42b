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

// FormFile opens a file that a form brings; want names it in sentences.
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
	return UploadName(head.Filename), in, nil
}

// SentIn keeps a file that a form brings for a day; want names it in sentences, and look,
// which may be nil, refuses it before anything of it is kept.
func (v *Visit) SentIn(field, kind, want string, look func(path string) error) (work.Upload, error) {
	name, in, err := v.FormFile(field, want)
	if err != nil {
		return work.Upload{}, err
	}
	defer func() { _ = in.Close() }()
	if look != nil {
		err := lend(name, func(w io.Writer) error { _, err := io.Copy(w, in); return err }, look)
		if err == nil {
			_, err = in.Seek(0, io.SeekStart)
		}
		if err != nil {
			return work.Upload{}, err
		}
	}
	return work.KeepUpload(v.R.Context(), v.Office.DB, v.Office.Region, work.Upload{Actor: v.User.Name, Kind: kind, Name: name}, in, v.Clock())
}

// OrForget forgets a file for which the work could not be begun.
func (v *Visit) OrForget(u work.Upload, err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(err, work.DropUpload(v.R.Context(), v.Office.DB, v.Office.Region, u.Number))
}

// FailedFile is what work returns that failed on a file: it leads to the file's page, where
// it can be tried again. A file that cannot be read as a whole is deleted, as nobody could
// use it and it would count against the day's quota; then the work leads back.
func FailedFile(ctx context.Context, of *office.Office, u work.Upload, err error, page, back string) (message, link string, _ error) {
	if !fault.Is(err, fault.Invalid) {
		return "", page, err
	}
	return "", back, errors.Join(err, work.DropUpload(ctx, of.DB, of.Region, u.Number))
}

// KeptFile is the user's own file of a kind that the path names.
func (v *Visit) KeptFile(kind string) (work.Upload, error) {
	n, err := v.Number("upload")
	if err != nil {
		return work.Upload{}, err
	}
	u, err := work.ReadUpload(v.R.Context(), v.Office.DB, v.Office.Region, n, v.User.Name)
	if err == nil && u.Kind != kind {
		return u, Nowhere()
	}
	return u, err
}

// UploadName makes a name that somebody's browser gave safe as the name of a file.
func UploadName(name string) string {
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
	const longest = 60 // characters: names of files end at 255 bytes
	if r := []rune(name); len(r) > longest {
		name = string(r[:40]) + "…" + string(r[len(r)-16:])
	}
	if name == "" {
		return "文件"
	}
	return name
}

// AsFile lends an upload as a file under its own name. What reads it may take a lot of
// memory, so only a few are lent at a time; the others wait.
func (s *Server) AsFile(ctx context.Context, u work.Upload, fn func(path string) error) error {
	select {
	case s.reading <- struct{}{}:
		defer func() { <-s.reading }()
	case <-ctx.Done():
		return ctx.Err()
	}
	return lend(u.Name, func(w io.Writer) error { return work.UploadBody(ctx, s.Office.DB, s.Office.Region, u, w) }, fn)
}

// lend gives fn a file of that name, filled by write, which is gone afterwards.
func lend(name string, write func(io.Writer) error, fn func(path string) error) error {
	return InFolder(func(dir string) error {
		path := filepath.Join(dir, name)
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
		if err != nil {
			return NoRoom(err)
		}
		if err := errors.Join(write(f), f.Close()); err != nil {
			return notWritten(err)
		}
		return fn(path)
	})
}

// notWritten says that a temporary file could not be written, unless a fault says more.
func notWritten(err error) error {
	var f *fault.Fault
	if errors.As(err, &f) || errors.Is(err, context.Canceled) {
		return err
	}
	return NoRoom(err)
}
