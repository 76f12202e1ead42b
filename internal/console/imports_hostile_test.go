package console_test

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"disburse/internal/policy"
)

// TestHostileFiles: what is no roster is refused with a sentence, and nothing of it is kept.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	m := s.as("甲经办")
	good := s.rosterBook(newcomer(5))
	for name, c := range map[string]struct {
		body []byte
		says string
	}{
		"空.xlsx":   {nil, "空的"},
		"图片.xlsx":  {[]byte("\x89PNG\r\n\x1a\n0000000000000000"), ".xlsx"},
		"半个.xlsx":  {good[:len(good)/2], "没有传完整"},
		"宏.xlsm":   {withPart(t, good, "xl/vbaProject.bin", []byte("x")), "带有宏"},
		"别的表.xlsx": {rename(t, good), "没有花名册的工作表"},
		"炸弹.xlsx":  {bomb(t, good), ""},
	} {
		status, text := m.send("/imports", name, c.body)
		if status == http.StatusSeeOther {
			text = m.finish(text) // the rows are read in the background
			status = http.StatusUnprocessableEntity
			if !strings.Contains(text, "flash bad") {
				t.Errorf("%s is taken: %s", name, text)
			}
		}
		if status != http.StatusUnprocessableEntity || !strings.Contains(text, c.says) || strings.Contains(text, "程序内部错误") {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	status, text := m.send("/imports", "大.xlsx", append(good, make([]byte, 97<<20)...))
	if status != http.StatusUnprocessableEntity || !strings.Contains(text, "文件太大") {
		t.Errorf("97 MB: %d %s", status, text)
	}
	if status, text := m.post("/imports", url.Values{}); status != http.StatusUnprocessableEntity || strings.Contains(text, "程序内部错误") {
		t.Errorf("no file: %d", status)
	}
	var kept int
	if err := s.owner.QueryRow(t.Context(), `SELECT count(*) FROM console_upload`).Scan(&kept); err != nil || kept != 0 {
		t.Errorf("%d files were kept: %v", kept, err)
	}
	for _, name := range []string{"乙复核", "戊审计", "丁管理"} {
		if status, _ := s.as(name).send("/imports", "好.xlsx", good); status != http.StatusForbidden {
			t.Errorf("%s imports: %d", name, status)
		}
	}
}

// TestFailedUploadsAreForgotten: a file for which work cannot be begun, or which the work
// cannot read as a whole, is deleted: no page leads to it, and it counts against the quota.
func TestFailedUploadsAreForgotten(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	s.people(60)
	s.run(november)
	book := s.openingBook(2)
	elsewhere := bytes.Replace(policy.Builtin(), []byte("140213"), []byte("140214"), 1)
	kept := func(when string) {
		t.Helper()
		var n int
		if err := s.owner.QueryRow(t.Context(), `SELECT count(*) FROM console_upload`).Scan(&n); err != nil || n != 0 {
			t.Errorf("%s: %d files are stored, %v", when, n, err)
		}
	}
	for path, c := range map[string]struct {
		who, name string
		good, bad []byte
	}{
		"/bank/results":     {"甲经办", "回盘.csv", []byte("批次号,序号,账号,金额,结果码\nA,1,62,1.00,0000\n"), []byte("甲,乙\n1,2\n")},
		"/recovery/opening": {"甲经办", "期初.xlsx", book, []byte("x")},
		"/packs":            {"丙审批", "包.yaml", policy.Builtin(), elsewhere},
	} {
		m := s.as(c.who)
		s.exec(`ALTER TABLE console_work ADD CONSTRAINT none CHECK (false) NOT VALID`)
		if status, text := m.sendFile(path, c.name, c.good, nil); status != http.StatusInternalServerError {
			t.Errorf("%s: %d %s", path, status, text)
		}
		s.exec(`ALTER TABLE console_work DROP CONSTRAINT none`)
		kept(path + ", not begun")
		status, where := m.sendFile(path, c.name, c.bad, nil)
		if status != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", path, status, where)
		}
		if text := m.finish(where); !strings.Contains(text, "flash bad") || strings.Contains(text, "程序内部错误") {
			t.Errorf("%s: %s", path, mainTag.FindString(text))
		}
		kept(path + ", not read")
	}
}

// rewritten copies a workbook part by part.
func rewritten(t *testing.T, book []byte, change func(name string, content []byte) []byte, add map[string][]byte) []byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	put := func(name string, content []byte) {
		part, err := w.Create(name)
		if err == nil {
			_, err = part.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		put(f.Name, change(f.Name, content))
	}
	for name, content := range add {
		put(name, content)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func same(_ string, content []byte) []byte { return content }

func withPart(t *testing.T, book []byte, name string, content []byte) []byte {
	return rewritten(t, book, same, map[string][]byte{name: content})
}

func rename(t *testing.T, book []byte) []byte {
	return rewritten(t, book, func(name string, content []byte) []byte {
		if name == "xl/workbook.xml" {
			for _, sheet := range []string{"人员", "情况", "核定金额", "收款单位"} {
				content = bytes.ReplaceAll(content, []byte(`name="`+sheet+`"`), []byte(`name="表`+number(int64(len(sheet)))+sheet[:3]+`"`))
			}
		}
		return content
	}, nil)
}

// bomb is a workbook whose first sheet unpacks to a thousand times its size.
func bomb(t *testing.T, book []byte) []byte {
	return rewritten(t, book, func(name string, content []byte) []byte {
		if name != "xl/worksheets/sheet1.xml" {
			return content
		}
		return bytes.Replace(content, []byte("<sheetData>"), append([]byte("<sheetData>"), bytes.Repeat([]byte(" "), 80<<20)...), 1)
	}, nil)
}
