package console_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestHostileFilesEverywhere sends what is no such file to every form that takes one: it is
// refused with a sentence, nothing becomes known, and nothing of it is run by a page.
func TestHostileFilesEverywhere(t *testing.T) {
	t.Parallel()
	s := paidMonth(t, 80)
	s.sent()
	m := s.as("甲经办")
	_, batch := s.batchOf(november, civil)
	good := s.rosterBook(newcomer(5))
	script := "<script>alert(1)</script>"
	files := map[string][]byte{
		"图片.xlsx":                      []byte("\x89PNG\r\n\x1a\n0000000000000000"),
		"半个.xlsx":                      good[:len(good)/2],
		"宏.xlsx":                       withPart(t, good, "xl/vbaProject.bin", []byte("x")),
		"炸弹.xlsx":                      bomb(t, good),
		"外部.xlsx":                      entity(t, good),
		`..\..\` + script + ".xlsx":    good,
		"页面.csv":                       []byte("批次号,序号,账号,户名,金额,结果码,原因\n" + script + ",1,1," + script + ",1.00,失败," + script + "\n"),
		"公式.csv":                       []byte("批次号,序号,账号,户名,金额,结果码,原因\n=cmd|' /C calc'!A0,1,1,=1+1,1.00,成功,\n"),
		"长.csv":                        []byte(strings.Repeat("9", 5<<20)),
		"嵌套.yaml":                      []byte(strings.Repeat("[", 100000)),
		"别名.yaml":                      []byte("a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d]\n"),
		"零字节\x00.txt":                  {0, 1, 2, 3, 0xff, 0xfe},
		strings.Repeat("很长", 200) + "": []byte("x"),
	}
	head, _, err := s.db.Head(t.Context(), siteRegion)
	if err != nil {
		t.Fatal(err)
	}
	forms := []struct {
		path, field string
		more        url.Values
	}{
		{"/imports", "file", nil}, {"/imports/match", "file", url.Values{"kind": {"死亡"}}}, {"/bank/results", "file", nil},
		{"/recovery/opening", "file", url.Values{"opening": {"2026-11"}}}, {"/packs", "file", nil}, {batch + "/checks/upload", "workbook", nil},
	}
	for _, f := range forms {
		for name, content := range files {
			status, text := m.sendAs(f.field, f.path, name, content, f.more)
			if status == http.StatusSeeOther {
				text = m.finish(text)
			}
			if status >= 500 || strings.Contains(text, "程序内部错误") || strings.Contains(text, script) {
				t.Errorf("%s takes %q: %d %.600s", f.path, name, status, text)
			}
		}
	}
	if now, _, _ := s.db.Head(t.Context(), siteRegion); now != head {
		t.Errorf("something became known: revision %d, was %d", now, head)
	}
	if log := s.log.String(); strings.Contains(log, "page panicked") || strings.Contains(log, "script") {
		t.Errorf("the log says %s", log)
	}
}

// entity is a workbook whose first sheet asks the reader to open a file of the server.
func entity(t *testing.T, book []byte) []byte {
	return rewritten(t, book, func(name string, content []byte) []byte {
		if name != "xl/worksheets/sheet1.xml" {
			return content
		}
		_, rest, _ := bytes.Cut(content, []byte("?>"))
		return append([]byte(`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>`), bytes.Replace(rest, []byte("<sheetData>"), []byte("<sheetData><row r=\"9\"><c r=\"A9\" t=\"inlineStr\"><is><t>&f;</t></is></c></row>"), 1)...)
	}, nil)
}
