package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"os"
	"path/filepath"
	"strings"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/store/work"
)

// madeKind is the kind under which files that a page made wait for their download.
const madeKind = "成品"

func MadeRoutes() []Route {
	return []Route{
		{Pattern: "GET /made/{upload}", Posts: Readers, Do: (*Visit).madePage},
		{Pattern: "GET /made/{upload}/file", Posts: Readers, Do: (*Visit).madeFile},
	}
}

// Making is a file that somebody asks for. make writes it into a folder and returns its
// path; whatever it holds is recorded there, before anything is handed out.
type Making struct {
	Title  string
	Bureau string
	Long   bool // it may take longer than a page may
	Make   func(ctx context.Context, dir string) (path string, err error)
}

// Produce hands out a file at once, or makes it as work where that takes long.
func (v *Visit) Produce(x Making) error {
	if !x.Long {
		return InFolder(func(dir string) error {
			path, err := x.Make(v.R.Context(), dir)
			if err != nil {
				return err
			}
			return v.SendFile(filepath.Base(path), path)
		})
	}
	s, actor := v.Server, v.User.Name
	return v.Start(Job{Title: x.Title, Bureau: x.Bureau, Do: func(ctx context.Context, p *Progress) (string, string, error) {
		p.Step("写文件")
		var u work.Upload
		err := InFolder(func(dir string) error {
			path, err := x.Make(ctx, dir)
			if err == nil {
				u, err = s.KeepMade(ctx, work.Upload{Actor: actor, Kind: madeKind, Name: filepath.Base(path)}, path)
			}
			return err
		})
		return "文件已做好：" + u.Name, fmt.Sprintf("/made/%d", u.Number), err
	}})
}

// KeepMade keeps a file that was made for somebody, for a day.
func (s *Server) KeepMade(ctx context.Context, u work.Upload, path string) (work.Upload, error) {
	f, err := os.Open(path)
	if err != nil {
		return u, fmt.Errorf("open what was written: %w", err)
	}
	defer func() { _ = f.Close() }()
	return work.KeepUpload(ctx, s.Office.DB, s.Office.Region, u, f, s.Clock())
}

// InFolder lends a folder. Faults that name it are told without it.
func InFolder(fn func(dir string) error) error {
	dir, err := os.MkdirTemp("", "disburse-console-")
	if err != nil {
		return NoRoom(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	err = fn(dir)
	var f *fault.Fault
	if errors.As(err, &f) {
		return fault.Wrap(err, f.Code, "%s", strings.ReplaceAll(f.Sentence, dir+string(filepath.Separator), ""))
	}
	return err
}

func NoRoom(err error) error {
	return fault.Wrap(err, fault.Refused, "服务器上写不了临时文件，请联系维护人员检查磁盘空间和权限")
}

// SendFile sends a file to be kept under a name, as it is, whatever its encoding.
func (v *Visit) SendFile(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open what was written: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("look at what was written: %w", err)
	}
	kind := cmp.Or(mime.TypeByExtension(filepath.Ext(name)), "application/octet-stream")
	if strings.HasPrefix(kind, "text/") {
		kind = "application/octet-stream"
	}
	h := v.W.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Length", fmt.Sprint(info.Size()))
	_, _ = io.Copy(v.W, f) // nobody is there any more
	return nil
}

// SendKept sends a file that was kept. It is taken out of the database first: a browser
// at the end of a slow line must not hold a connection to it.
func (v *Visit) SendKept(u work.Upload) error {
	write := func(w io.Writer) error { return work.UploadBody(v.R.Context(), v.Office.DB, v.Office.Region, u, w) }
	return lend(UploadName(u.Name), write, func(path string) error { return v.SendFile(u.Name, path) })
}

func (v *Visit) madePage() error {
	u, err := v.KeptFile(madeKind)
	if err != nil {
		return err
	}
	return v.Page("made", u.Name, u)
}

func (v *Visit) madeFile() error {
	u, err := v.KeptFile(madeKind)
	if err != nil {
		return err
	}
	return v.SendKept(u)
}

// ClerkOf reports whether the user does the work of a bureau.
func (v *Visit) ClerkOf(bureau string) bool {
	return v.User.Post == approval.Clerk && v.User.Bureau == bureau
}

// Named gives a file another name in its folder.
func Named(path, name string) (string, error) {
	to := filepath.Join(filepath.Dir(path), name)
	return to, os.Rename(path, to)
}
