package console

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
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
		name, body, err := made(v.r.Context(), x)
		if err != nil {
			return err
		}
		return v.sendOff(name, body)
	}
	s, actor := v.Server, v.user.Name
	return v.start(job{title: x.title, bureau: x.bureau, do: func(ctx context.Context, p *progress) (string, string, error) {
		p.Step("写文件")
		name, body, err := made(ctx, x)
		if err != nil {
			return "", "", err
		}
		number, err := s.Office.DB.KeepUpload(ctx, s.Office.Region, postgres.Upload{Actor: actor, Kind: madeKind, Name: name, Body: body}, s.Clock())
		return "文件已做好：" + name, fmt.Sprintf("/made/%d", number), err
	}})
}

// made makes a file in a folder of its own, which is gone afterwards.
func made(ctx context.Context, x making) (name string, body []byte, err error) {
	err = inFolder(func(dir string) error {
		path, err := x.make(ctx, dir)
		if err != nil {
			return err
		}
		name = filepath.Base(path)
		body, err = os.ReadFile(path)
		return err
	})
	return name, body, err
}

// inFolder lends a folder. Faults that name it are told without it.
func inFolder(fn func(dir string) error) error {
	dir, err := os.MkdirTemp("", "disburse-console-")
	if err != nil {
		return fault.Wrap(err, fault.Refused, "服务器上不能建立临时目录，请联系维护人员检查磁盘空间和权限")
	}
	defer func() { _ = os.RemoveAll(dir) }()
	err = fn(dir)
	var f *fault.Fault
	if errors.As(err, &f) {
		return fault.Wrap(err, f.Code, "%s", strings.ReplaceAll(f.Sentence, dir+string(filepath.Separator), ""))
	}
	return err
}

// sendOff sends a file to be kept under a name.
func (v *visit) sendOff(name string, body []byte) error {
	kind := mime.TypeByExtension(filepath.Ext(name))
	if kind == "" || strings.HasPrefix(kind, "text/html") {
		kind = "application/octet-stream"
	}
	v.w.Header().Set("Content-Type", kind)
	v.w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	v.w.WriteHeader(http.StatusOK)
	_, _ = v.w.Write(body) // nobody is there any more
	return nil
}

// sentIn reads a file that a form brings and keeps it for a day; want names it in sentences.
func (v *visit) sentIn(kind, want string) (int64, error) {
	name, body, err := v.formFile("file", want)
	if err != nil {
		return 0, err
	}
	u := postgres.Upload{Actor: v.user.Name, Kind: kind, Name: name, Body: body}
	return v.office.DB.KeepUpload(v.r.Context(), v.office.Region, u, v.Clock())
}

// keptFile is the user's own file of a kind that the path names.
func (v *visit) keptFile(kind string) (postgres.Upload, error) {
	n, err := v.number("upload")
	if err != nil {
		return postgres.Upload{}, err
	}
	u, err := v.office.DB.Upload(v.r.Context(), v.office.Region, n, v.user.Name)
	if err == nil && u.Kind != kind {
		return u, nowhere()
	}
	return u, err
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
	return v.sendOff(u.Name, u.Body)
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
