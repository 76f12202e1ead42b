package console

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
	"disburse/internal/postgres"
)

// madeKind is the kind under which files that a page made wait for their download.
const madeKind = "成品"

func madeRoutes() []route {
	return []route{
		{pattern: "GET /made/{upload}", posts: readers, do: (*visit).madePage},
		{pattern: "GET /made/{upload}/file", posts: readers, do: (*visit).madeFile},
	}
}

// making is a file that somebody asks for. make writes it into a folder and returns its
// path; whatever it holds is recorded there, before anything is handed out.
type making struct {
	title  string
	bureau string
	long   bool // it may take longer than a page may
	make   func(ctx context.Context, dir string) (path string, err error)
}

// produce hands out a file at once, or makes it as work where that takes long.
func (v *visit) produce(x making) error {
	if !x.long {
		return inFolder(func(dir string) error {
			path, err := x.make(v.r.Context(), dir)
			if err != nil {
				return err
			}
			return v.sendFile(filepath.Base(path), path)
		})
	}
	s, actor := v.Server, v.user.Name
	return v.start(job{title: x.title, bureau: x.bureau, do: func(ctx context.Context, p *progress) (string, string, error) {
		p.Step("写文件")
		var u postgres.Upload
		err := inFolder(func(dir string) error {
			path, err := x.make(ctx, dir)
			if err == nil {
				u, err = s.keepMade(ctx, postgres.Upload{Actor: actor, Kind: madeKind, Name: filepath.Base(path)}, path)
			}
			return err
		})
		return "文件已做好：" + u.Name, fmt.Sprintf("/made/%d", u.Number), err
	}})
}

// keepMade keeps a file that was made for somebody, for a day.
func (s *Server) keepMade(ctx context.Context, u postgres.Upload, path string) (postgres.Upload, error) {
	f, err := os.Open(path)
	if err != nil {
		return u, fmt.Errorf("open what was written: %w", err)
	}
	defer func() { _ = f.Close() }()
	return s.Office.DB.KeepUpload(ctx, s.Office.Region, u, f, s.Clock())
}

// inFolder lends a folder. Faults that name it are told without it.
func inFolder(fn func(dir string) error) error {
	dir, err := os.MkdirTemp("", "disburse-console-")
	if err != nil {
		return noRoom(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	err = fn(dir)
	var f *fault.Fault
	if errors.As(err, &f) {
		return fault.Wrap(err, f.Code, "%s", strings.ReplaceAll(f.Sentence, dir+string(filepath.Separator), ""))
	}
	return err
}

func noRoom(err error) error {
	return fault.Wrap(err, fault.Refused, "服务器上写不了临时文件，请联系维护人员检查磁盘空间和权限")
}

// sendFile sends a file to be kept under a name, as it is, whatever its encoding.
func (v *visit) sendFile(name, path string) error {
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
	h := v.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Length", fmt.Sprint(info.Size()))
	_, _ = io.Copy(v.w, f) // nobody is there any more
	return nil
}

// sendKept sends a file that was kept. It is taken out of the database first: a browser
// at the end of a slow line must not hold a connection to it.
func (v *visit) sendKept(u postgres.Upload) error {
	write := func(w io.Writer) error { return v.office.DB.UploadBody(v.r.Context(), v.office.Region, u, w) }
	return lend(uploadName(u.Name), write, func(path string) error { return v.sendFile(u.Name, path) })
}

func (v *visit) madePage() error {
	u, err := v.keptFile(madeKind)
	if err != nil {
		return err
	}
	return v.page("made", u.Name, u)
}

func (v *visit) madeFile() error {
	u, err := v.keptFile(madeKind)
	if err != nil {
		return err
	}
	return v.sendKept(u)
}

// clerkOf reports whether the user does the work of a bureau.
func (v *visit) clerkOf(bureau string) bool {
	return v.user.Post == approval.Clerk && v.user.Bureau == bureau
}

// named gives a file another name in its folder.
func named(path, name string) (string, error) {
	to := filepath.Join(filepath.Dir(path), name)
	return to, os.Rename(path, to)
}
