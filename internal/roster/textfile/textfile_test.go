package textfile_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"disburse/internal/roster/textfile"
)

func read(t *testing.T, body string, limit int64) (text, encoding, sum string, err error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := textfile.Open(path, limit)
	if err != nil {
		return "", "", "", err
	}
	defer f.Close()
	all, err := io.ReadAll(f)
	return string(all), f.Encoding, f.SHA256(), err
}

// TestTextsComeBack: any text is read in both encodings as it was written, wherever its
// characters fall on the borders of blocks.
func TestTextsComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		part := rapid.StringOfN(rapid.RuneFrom([]rune("a,1\n批次号序账㐂𠮷姓名")), 1, 50, -1).Draw(r, "part")
		want := "批次号" + strings.Repeat(part, rapid.IntRange(1, 3000).Draw(r, "times"))
		gbk, err := simplifiedchinese.GB18030.NewEncoder().String(want)
		if err != nil {
			r.Fatal(err)
		}
		for body, encoding := range map[string]string{want: "UTF-8", "\xEF\xBB\xBF" + want: "UTF-8", gbk: "GBK"} {
			text, found, sum, err := read(t, body, 1<<30)
			whole := sha256.Sum256([]byte(body))
			if err != nil || text != want || found != encoding || sum != hex.EncodeToString(whole[:]) {
				r.Fatalf("%s: %v, %s, %d bytes of %d", encoding, err, found, len(text), len(want))
			}
		}
	})
}

func TestNoText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		want error
	}{
		"empty":     {"", textfile.ErrEmpty},
		"blanks":    {" \r\n\t", textfile.ErrEmpty},
		"mark":      {"\xEF\xBB\xBF", textfile.ErrEmpty},
		"NUL":       {"a\x00b", textfile.ErrNotText},
		"late NUL":  {strings.Repeat("批", 100_000) + "\x00", textfile.ErrNotText},
		"neither":   {"\xff\xff\xff", textfile.ErrNotText},
		"cut off":   {strings.Repeat("\xC5\xFA", 50_000) + "\xC5", textfile.ErrNotText},
		"late hole": {strings.Repeat("\xC5\xFA", 50_000) + "\xff,1", textfile.ErrNotText},
		"large":     {strings.Repeat("a", 2000), textfile.ErrTooBig},
	} {
		limit := int64(1 << 20)
		if name == "large" {
			limit = 1000
		}
		if text, _, _, err := read(t, c.body, limit); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %d bytes; want %v", name, err, len(text), c.want)
		}
	}
	if _, err := textfile.Open(t.TempDir(), 1000); !errors.Is(err, textfile.ErrNotText) {
		t.Errorf("folder: %v", err)
	}
}
