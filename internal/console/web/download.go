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

	"disburse/internal/fault"
	"disburse/internal/store/work"
)

// downloadKind is the kind of generated files that are stored for their download.
const downloadKind = "成品"

func downloadRoutes() []Route {
	return []Route{
		{Pattern: "GET /made/{upload}", Posts: Readers, Do: downloadPage},
		{Pattern: "GET /made/{upload}/file", Posts: Readers, Do: downloadFile},
	}
}

// Download is a file generated on request. Write writes it into a folder, returns its path and
// records the access in the access log: before the first byte is sent, so that no download
// escapes the log.
type Download struct {
	Title  string
	Bureau string
	Long   bool // generated in the background: it may take longer than a request
	Write  func(ctx context.Context, dir string) (path string, err error)
}

// Deliver sends a generated file at once, or generates it in the background.
func (v *Visit) Deliver(x Download) error {
	if !x.Long {
		return WithTempDir(func(dir string) error {
			path, err := x.Write(v.R.Context(), dir)
			if err != nil {
				return err
			}
			return v.SendFile(filepath.Base(path), path)
		})
	}
	s, actor := v.Server, v.User.Name
	return v.Start(Task{Title: x.Title, Bureau: x.Bureau, Do: func(ctx context.Context, p *Progress) (string, string, error) {
		p.Step("写文件")
		var u work.Upload
		err := WithTempDir(func(dir string) error {
			path, err := x.Write(ctx, dir)
			if err == nil {
				u, err = s.SaveDownload(ctx, work.Upload{Actor: actor, Kind: downloadKind, Name: filepath.Base(path)}, path)
			}
			return err
		})
		return "文件已做好：" + u.Name, fmt.Sprintf("/made/%d", u.Number), err
	}})
}

// SaveDownload stores a generated file for a day, for the user it was generated for.
func (s *Server) SaveDownload(ctx context.Context, u work.Upload, path string) (work.Upload, error) {
	f, err := os.Open(path)
	if err != nil {
		return u, fmt.Errorf("open the generated file: %w", err)
	}
	defer func() { _ = f.Close() }()
	return work.SaveUpload(ctx, s.Office.DB, s.Office.Region, u, f, s.Clock())
}

// WithTempDir calls fn with a temporary folder, which is removed afterwards. The folder's path
// is cut out of sentences of faults: users know files by their names.
func WithTempDir(fn func(dir string) error) error {
	dir, err := os.MkdirTemp("", "disburse-console-")
	if err != nil {
		return TempFileError(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	err = fn(dir)
	var f *fault.Fault
	if errors.As(err, &f) {
		return fault.Wrap(err, f.Code, "%s", strings.ReplaceAll(f.Sentence, dir+string(filepath.Separator), ""))
	}
	return err
}

// TempFileError is the fault for a temporary file that cannot be written: disk full, rights.
func TempFileError(err error) error {
	return fault.Wrap(err, fault.Refused, "服务器上写不了临时文件，请联系维护人员检查磁盘空间和权限")
}

// SendFile sends a file as an attachment with a name. Texts are sent as bytes: their bank's
// encoding need not be UTF-8, and browsers must not convert it.
func (v *Visit) SendFile(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open the file to send: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("stat the file to send: %w", err)
	}
	kind := cmp.Or(mime.TypeByExtension(filepath.Ext(name)), "application/octet-stream")
	if strings.HasPrefix(kind, "text/") {
		kind = "application/octet-stream"
	}
	h := v.W.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Length", fmt.Sprint(info.Size()))
	_, _ = io.Copy(v.W, f) // an error means that the client has gone
	return nil
}

// SendUpload sends a stored file. It is copied out of the database first: a browser on a slow
// line must not occupy a connection to the database.
func (v *Visit) SendUpload(u work.Upload) error {
	write := func(w io.Writer) error { return work.CopyUpload(v.R.Context(), v.Office.DB, v.Office.Region, u, w) }
	return withFile(SafeFileName(u.Name), write, func(path string) error { return v.SendFile(u.Name, path) })
}

func downloadPage(v *Visit) error {
	u, err := v.OwnUpload(downloadKind)
	if err != nil {
		return err
	}
	return v.Page("made", u.Name, u)
}

func downloadFile(v *Visit) error {
	u, err := v.OwnUpload(downloadKind)
	if err != nil {
		return err
	}
	return v.SendUpload(u)
}

// RenameFile renames a file within its folder and returns its new path.
func RenameFile(path, name string) (string, error) {
	to := filepath.Join(filepath.Dir(path), name)
	return to, os.Rename(path, to)
}

// SendWritten has write generate a file and sends it under a name. Nothing stays on disk.
func (v *Visit) SendWritten(name string, write func(path string) error) error {
	return WithTempDir(func(dir string) error {
		path := filepath.Join(dir, SafeFileName(name))
		if err := write(path); err != nil {
			return err
		}
		return v.SendFile(name, path)
	})
}
