package console_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"disburse/internal/store/work"
)

// TestUploadsAtOnce: one person sends two files at a time, all together four; who sends
// more is told so before a byte of it is read.
func TestUploadsAtOnce(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	m, other := s.as("甲经办"), s.as("人社经办")
	end := make(chan struct{})
	var held []chan struct{}
	hold := func(m *member) {
		done := make(chan struct{})
		held = append(held, done)
		go func() {
			defer close(done)
			m.drip("/imports", end)
		}()
	}
	eventually := func(what string, ok func() bool) {
		t.Helper()
		for range 400 {
			if ok() {
				return
			}
			time.Sleep(25 * time.Millisecond)
		}
		t.Error(what)
	}
	refused := func(m *member, says string) func() bool {
		return func() bool {
			status, text := m.sendFile("/bank/results", "a.csv", []byte("x"), nil)
			return status == http.StatusConflict && strings.Contains(text, says)
		}
	}
	hold(m)
	hold(m)
	eventually("a third file is let in", refused(m, "您有 2 个文件正在上传"))
	hold(other)
	hold(other)
	eventually("a fifth file is let in", refused(s.as("甲经办"), "正在上传"))
	close(end)
	for _, done := range held {
		<-done
	}
	eventually("nothing is let in any more", func() bool {
		status, _ := m.sendFile("/bank/results", "a.csv", []byte("x"), nil)
		return status != http.StatusConflict
	})
}

// drip sends the beginning of a file and the rest when end is closed; refused because others
// were faster, it retries.
func (m *member) drip(path string, end <-chan struct{}) {
	for status := http.StatusConflict; status == http.StatusConflict; {
		read, write := io.Pipe()
		form := multipart.NewWriter(write)
		go func() {
			part, err := form.CreateFormFile("file", "a.xlsx")
			if err == nil {
				_, err = part.Write(make([]byte, 64<<10)) // more than a client keeps back before it sends anything
			}
			<-end
			_ = form.Close()
			_ = write.CloseWithError(err)
		}()
		resp, err := m.client.Post(m.s.http.URL+path, form.FormDataContentType(), read)
		if err != nil {
			return
		}
		status = resp.StatusCode
		_ = resp.Body.Close()
	}
}

// TestQuota: the stored uploads of a user are limited by day; deleted ones do not count.
func TestQuota(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	m := s.as("甲经办")
	s.exec(`INSERT INTO console_upload (region, upload, actor, kind, name, sha256, size, at) VALUES ($1, 1, '甲经办', '回盘', 'a', '', $2, $3)`, siteRegion, int64(1<<30), s.clock())
	content := []byte("批次号,序号,账号,户名,金额,结果码,原因\nx,1,1,,1.00,成功,\n")
	if status, text := m.sendFile("/bank/results", "a.csv", content, nil); status != http.StatusConflict || !strings.Contains(text, "每人 1024 MB 的限额") {
		t.Errorf("beyond the quota: %d %.300s", status, text)
	}
	s.exec(`DELETE FROM console_upload`)
	status, where := m.sendFile("/bank/results", "a.csv", content, nil)
	if status != http.StatusSeeOther || !strings.HasPrefix(where, "/work/") {
		t.Errorf("within it: %d %s", status, where)
	}
	m.finish(where)
}

// TestLargeFilesAreComplete: a file stored in several parts is downloaded unchanged.
func TestLargeFilesAreComplete(t *testing.T) {
	t.Parallel()
	s := openOffice(t)
	content := bytes.Repeat([]byte("0123456789abcdef"), 200_000) // three parts and a bit
	u, err := work.SaveUpload(t.Context(), s.db, siteRegion, work.Upload{Actor: "甲经办", Kind: "成品", Name: "大.bin"}, bytes.NewReader(content), s.clock())
	if err != nil {
		t.Fatal(err)
	}
	status, name, got := s.as("甲经办").takeFile(fmt.Sprintf("/made/%d/file", u.Number))
	if status != http.StatusOK || name != "大.bin" || !bytes.Equal(got, content) {
		t.Errorf("%d %s, %d bytes of %d", status, name, len(got), len(content))
	}
	if status, _ := s.as("乙复核").get(fmt.Sprintf("/made/%d/file", u.Number)); status != http.StatusNotFound {
		t.Errorf("somebody else's: %d", status)
	}
	var parts int
	if err := s.owner.QueryRow(t.Context(), `SELECT count(*) FROM console_upload_part`).Scan(&parts); err != nil || parts != 4 {
		t.Errorf("%d parts, %v", parts, err)
	}
	if err := work.DeleteUpload(t.Context(), s.db, siteRegion, u.Number); err != nil {
		t.Fatal(err)
	}
	if err := s.owner.QueryRow(t.Context(), `SELECT count(*) FROM console_upload_part`).Scan(&parts); err != nil || parts != 0 {
		t.Errorf("%d parts are left, %v", parts, err)
	}
}
