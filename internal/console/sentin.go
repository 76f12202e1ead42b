package console

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"disburse/internal/fault"
	"disburse/internal/postgres"
)

// formFile reads a file out of a form.
func (v *visit) formFile(field, want string) (name string, body []byte, err error) {
	in, head, err := v.r.FormFile(field)
	if err != nil {
		return "", nil, fault.Wrap(err, fault.Invalid, "没有收到文件，请先选好%s再上传", want)
	}
	defer func() { _ = in.Close() }()
	body, err = io.ReadAll(in)
	if err != nil {
		return "", nil, err
	}
	if len(body) == 0 {
		return "", nil, fault.New(fault.Invalid, "收到的文件是空的，请核对%s", want)
	}
	return uploadName(head.Filename), body, nil
}

// uploadName makes a name that somebody's browser gave safe as the name of a file.
func uploadName(name string) string {
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

// asFile lends an upload as a file under its own name.
func asFile(u *postgres.Upload, fn func(path string) error) error {
	return inFolder(func(dir string) error {
		path := filepath.Join(dir, u.Name)
		if err := os.WriteFile(path, u.Body, 0o600); err != nil {
			return fault.Wrap(err, fault.Refused, "服务器上写不了临时文件，请联系维护人员检查磁盘空间和权限")
		}
		return fn(path)
	})
}
