package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/postgres"
)

// handOver makes a workbook and sends it under a name. Nothing stays on the disk.
func (v *visit) handOver(name string, write func(path string) error) error {
	dir, err := os.MkdirTemp("", "disburse-out-")
	if err != nil {
		return fault.Wrap(err, fault.Refused, "不能写临时文件，请检查磁盘空间")
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, bareName(name))
	if err := write(path); err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open what was written: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("look at what was written: %w", err)
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Length", fmt.Sprint(info.Size()))
	_, _ = io.Copy(v.w, file) // nobody is there any more
	return nil
}

// bareName is the name of a file without folders, and nothing that a disk would not take.
func bareName(name string) string {
	name = filepath.Base(strings.ReplaceAll(strings.ToValidUTF8(name, "_"), "\\", "/"))
	name = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name)
	if name == "." || name == "" {
		name = "没有名字.xlsx"
	}
	for len(name) > 200 {
		name = name[len(name)-200:]
	}
	return strings.ToValidUTF8(name, "_")
}

// taken reads the file of a form; look refuses it, from a copy on the disk, before anything
// of it is kept.
func (v *visit) taken(field string, look func(path string) error) (name string, body []byte, err error) {
	defer func() {
		if v.r.MultipartForm != nil {
			_ = v.r.MultipartForm.RemoveAll()
		}
	}()
	file, head, err := v.r.FormFile(field)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return "", nil, err
	case errors.Is(err, http.ErrMissingFile):
		return "", nil, fault.New(fault.Invalid, "没有选择文件，请选择或拖入一个 .xlsx 工作簿")
	case err != nil:
		return "", nil, fault.Wrap(err, fault.Invalid, "文件没有传完整，没有接收，请重新上传")
	}
	defer file.Close()
	if body, err = io.ReadAll(file); err != nil {
		return "", nil, fault.Wrap(err, fault.Invalid, "文件没有传完整，没有接收，请重新上传")
	}
	name = bareName(head.Filename)
	return name, body, onDisk(name, body, look)
}

// onDisk gives do a file with the content, which is gone afterwards.
func onDisk(name string, body []byte, do func(path string) error) error {
	dir, err := os.MkdirTemp("", "disburse-in-")
	if err != nil {
		return fault.Wrap(err, fault.Refused, "不能写临时文件，请检查磁盘空间")
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, body, 0o600); err != nil {
		return fault.Wrap(err, fault.Refused, "不能写临时文件，请检查磁盘空间")
	}
	return do(path)
}

// keepFile keeps a file that was sent in, once it was looked at, and returns its number.
func (v *visit) keepFile(kind string, look func(path string) error) (postgres.Upload, error) {
	name, body, err := v.taken("file", look)
	if err != nil {
		return postgres.Upload{}, err
	}
	u := postgres.Upload{Actor: v.user.Name, Kind: kind, Name: name, Body: body}
	u.Number, err = v.office.DB.KeepUpload(v.r.Context(), v.office.Region, u, v.Clock())
	return u, err
}

// orForget forgets a file for which the work could not be begun.
func (v *visit) orForget(u postgres.Upload, err error) error {
	if err == nil {
		return nil
	}
	return errors.Join(err, v.office.DB.DropUpload(v.r.Context(), v.office.Region, u.Number))
}

// upload reads a file that the user sent in before.
func (v *visit) upload(kind string) (postgres.Upload, error) {
	n, err := v.number("upload")
	if err != nil {
		return postgres.Upload{}, err
	}
	u, err := v.office.DB.Upload(v.r.Context(), v.office.Region, n, v.user.Name)
	if err == nil && u.Kind != kind {
		err = nowhere()
	}
	return u, err
}

// rosterTemplate hands out an empty roster workbook.
func (v *visit) rosterTemplate() error {
	return v.handOver("花名册模板.xlsx", v.office.RosterTemplate)
}

// exportRoster writes the whole roster in the background; the page that follows has the
// file. It is recorded when it is written.
func (v *visit) exportRoster() error {
	of, by, actor, s := v.office, v.by(""), v.user.Name, v.Server
	name := "花名册-" + v.Clock().In(month.Shanghai).Format("20060102") + ".xlsx"
	return v.start(job{kind: "roster-export", title: "导出花名册", do: func(ctx context.Context, p *progress) (string, string, error) {
		p.Step("写出人员")
		var number int64
		people := 0
		err := withFolder(func(dir string) error {
			path := filepath.Join(dir, name)
			var err error
			if people, err = of.ExportRoster(ctx, path, by, func(n int) { p.show(int64(n), 0) }); err != nil {
				return err
			}
			body, err := os.ReadFile(path)
			if err != nil {
				return fmt.Errorf("read what was written: %w", err)
			}
			u := postgres.Upload{Actor: actor, Kind: exportedRoster, Name: name, Body: body}
			number, err = of.DB.KeepUpload(ctx, of.Region, u, s.Clock())
			return err
		})
		if err != nil {
			return "", "/imports", err
		}
		return fmt.Sprintf("花名册已写出，共 %s 人；文件保留一天，请下载", grouped(people)), fmt.Sprintf("/imports/export/%d", number), nil
	}})
}

func withFolder(do func(dir string) error) error {
	dir, err := os.MkdirTemp("", "disburse-export-")
	if err != nil {
		return fault.Wrap(err, fault.Refused, "不能写临时文件，请检查磁盘空间")
	}
	defer os.RemoveAll(dir)
	return do(dir)
}

// exportedRoster is the kind of file in which an exported roster waits to be fetched.
const exportedRoster = "花名册导出"

// exportPage has the exported roster to be fetched.
func (v *visit) exportPage() error {
	u, err := v.upload(exportedRoster)
	if err != nil {
		return err
	}
	return v.page("export", "导出花名册", u)
}

func (v *visit) exportFile() error {
	u, err := v.upload(exportedRoster)
	if err != nil {
		return err
	}
	return v.handOver(u.Name, func(path string) error { return os.WriteFile(path, u.Body, 0o600) })
}
