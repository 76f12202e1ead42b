package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"disburse/internal/fault"
)

const word = "一个相当长的口令字2026"

// TestMain makes passwords cheap, since a file is opened some hundred times.
func TestMain(m *testing.M) {
	if workFactor < 17 || maxWorkFactor < workFactor || maxWorkFactor > 20 {
		panic("a password is too cheap to try, or a file may ask for too much")
	}
	workFactor, maxWorkFactor = 8, 12
	m.Run()
}

// written is what a test puts into a file.
type written struct {
	header  Header
	trailer Trailer
	rows    [][]byte // of each table
}

func drawWritten(t *rapid.T) *written {
	w := &written{header: Header{Written: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), Server: "15.9", Schema: []Migration{{1, "core", "ab"}},
		Regions: []Region{{140213, "平城区", 7, "cd"}}}}
	for i := range rapid.IntRange(0, 4).Draw(t, "tables") {
		w.header.Tables = append(w.header.Tables, Table{fmt.Sprintf("表 %d", i), []Column{{"a", "integer"}, {"b", "text"}}})
		rows := make([]byte, rapid.SampledFrom([]int{0, 1, 100, rowsSize - 1, rowsSize, rowsSize + 1, chunkSize + 17}).Draw(t, "size"))
		seed := rapid.Uint64().Draw(t, "seed")
		r := rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, seed)))
		r.Read(rows) // does not compress, so chunks are many
		w.rows = append(w.rows, rows)
	}
	w.trailer.Controls = []Control{{Region: 140213, People: 3, Settled: "-7"}}
	return w
}

func (w *written) write(path, password string) (size int64, sum string, err error) {
	out, err := Create(path, password)
	if err != nil {
		return 0, "", err
	}
	defer out.Discard()
	if err := out.Header(&w.header); err != nil {
		return 0, "", err
	}
	w.trailer.Tables = nil
	for i, table := range w.header.Tables {
		done, err := out.Table(table.Name, func(to io.Writer) (int64, error) {
			for rest := w.rows[i]; len(rest) > 0; {
				n := min(len(rest), 70_001)
				if _, err := to.Write(rest[:n]); err != nil {
					return 0, err
				}
				rest = rest[n:]
			}
			return int64(i), nil
		})
		if err != nil {
			return 0, "", err
		}
		w.trailer.Tables = append(w.trailer.Tables, done)
	}
	return out.Finish(&w.trailer)
}

// some is one of a fixed content, some megabytes in several chunks.
func some(t *testing.T, password string) (w *written, path string) {
	t.Helper()
	large := make([]byte, 2*chunkSize+17)
	rand.NewChaCha8([32]byte{1}).Read(large) // does not compress, so chunks are many
	w = &written{header: Header{Tables: []Table{{"大", []Column{{"a", "integer"}}}, {"小", nil}}, Regions: []Region{{140213, "平城区", 7, "cd"}}},
		rows: [][]byte{large, []byte("几行")}}
	path = filepath.Join(t.TempDir(), "备份.dbk")
	if _, _, err := w.write(path, password); err != nil {
		t.Fatal(err)
	}
	return w, path
}

func TestWhatWasWrittenIsRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "备份.dbk")
	drawn := 0
	rapid.Check(t, func(t *rapid.T) {
		w := drawWritten(t)
		password := ""
		if drawn++; drawn%3 == 0 {
			password = word
		}
		size, sum, err := w.write(path, password) // over the one before
		if err != nil {
			t.Fatal(err)
		}
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if file := sha256.Sum256(body); int64(len(body)) != size || hex.EncodeToString(file[:]) != sum {
			t.Errorf("%d bytes, said %d %s", len(body), size, sum)
		}
		r, err := Open(path, password)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if diff := cmp.Diff(&w.header, r.Header()); diff != "" {
			t.Error(diff)
		}
		i := 0
		for more := true; more; i++ {
			if more, err = r.Table(func(table Table, rows io.Reader) error {
				got, err := io.ReadAll(rows)
				if !bytes.Equal(got, w.rows[i]) {
					t.Errorf("table %d: %d bytes, want %d", i, len(got), len(w.rows[i]))
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		trailer, err := r.Trailer()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&w.trailer, trailer); diff != "" || i != len(w.rows)+1 {
			t.Errorf("%d tables; %s", i-1, diff)
		}
	})
}

// refused insists on a fault of the code with the words.
func refused(t *testing.T, err error, code fault.Code, words ...string) {
	t.Helper()
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != code {
		t.Errorf("%v, want a fault %s", err, code)
		return
	}
	for _, w := range words {
		if !strings.Contains(f.Sentence, w) {
			t.Errorf("%q does not say %q", f.Sentence, w)
		}
	}
}

// TestDamageIsFound: a bit turned anywhere, or an end cut off anywhere, is found, in both kinds.
func TestDamageIsFound(t *testing.T) {
	t.Parallel()
	for name, password := range map[string]string{"plain": "", "encrypted": word} {
		_, path := some(t, password)
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		places := []int{0, 15, 16, 17, 18, 60, 100, 150, len(body) - 1, len(body) - 17}
		r := rand.New(rand.NewPCG(1, 2))
		for range 20 {
			places = append(places, r.IntN(len(body)))
		}
		damaged := filepath.Join(t.TempDir(), "坏.dbk")
		for _, at := range places {
			spoilt := bytes.Clone(body)
			spoilt[at] ^= 1 << r.IntN(8)
			for what, content := range map[string][]byte{"altered": spoilt, "cut": body[:at]} {
				if err := os.WriteFile(damaged, content, 0o600); err != nil {
					t.Fatal(err)
				}
				if _, _, err := Check(damaged, password); err == nil || fault.CodeOf(err) == fault.Internal {
					t.Errorf("%s, %s at %d of %d: %v", name, what, at, len(body), err)
				}
			}
		}
		if err := os.WriteFile(damaged, append(body, 0), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err = Check(damaged, password)
		refused(t, err, fault.Invalid, map[string]string{"plain": "末尾", "encrypted": "被改动"}[name])
		if err := os.WriteFile(damaged, body[:len(body)/2], 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err = Check(damaged, password)
		refused(t, err, fault.Invalid, "坏.dbk", "不完整", "没有恢复任何内容")
	}
}

// Chunks of the same file in another order, or one of them left out, are found too.
func TestChunksCannotBeMoved(t *testing.T) {
	t.Parallel()
	_, path := some(t, "")
	move(t, path, "", preambleSize, 4+chunkSize+tagSize, "块的内容被改动")

	_, path = some(t, word)
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	mac := bytes.Index(body, []byte("\n--- ")) + 1
	head := mac + bytes.IndexByte(body[mac:], '\n') + 1 + 16 // and the nonce
	move(t, path, word, head, 64<<10+16, "被改动")
}

// move changes the order of the first two pieces of a file, whose head has so many bytes.
func move(t *testing.T, path, password string, head, size int, words string) {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first, second, rest := body[head:head+size], body[head+size:head+2*size], body[head+2*size:]
	for _, order := range [][][]byte{{second, first, rest}, {second, rest}, {first, rest}, {first, first, second, rest}} {
		if err := os.WriteFile(path, append(bytes.Clone(body[:head]), bytes.Join(order, nil)...), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := Check(path, password)
		refused(t, err, fault.Invalid, words)
	}
}

// TestPlainFormat: what is not encrypted is, byte for byte, what earlier programs wrote.
func TestPlainFormat(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	w, err := newChunkWriter(&file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("abc")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	const want = "4449534255525345204241434b55500a0100" + "80000003" + "616263" + "f735188224daea9dff67f820be51a700"
	if got := hex.EncodeToString(file.Bytes()); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestAgeOpensIt: an encrypted backup without its preamble is an age file, and what is in it
// is a backup that is not encrypted.
func TestAgeOpensIt(t *testing.T) {
	t.Parallel()
	_, path := some(t, word)
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	identity, err := age.NewScryptIdentity(word)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := age.Decrypt(bytes.NewReader(body[preambleSize:]), identity)
	if err != nil {
		t.Fatal(err)
	}
	inside, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, inside, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Check(path, ""); err != nil {
		t.Error(err)
	}
}

// TestEncryptionOfOthers: what an age file of somebody else asks for or holds is refused.
func TestEncryptionOfOthers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "别人.dbk")
	for name, c := range map[string]struct {
		factor  int
		content []byte
		words   string
	}{
		"too much work": {13, preamble(modePlain), "被改动"},
		"other content": {8, []byte("PK\x03\x04 something else, and more of it"), "不是本程序的备份文件"},
		"twice":         {8, preamble(modeAge), "不是本程序写的形式"},
		"nothing":       {8, nil, "不是本程序的备份文件"},
	} {
		recipient, err := age.NewScryptRecipient(word)
		if err != nil {
			t.Fatal(err)
		}
		recipient.SetWorkFactor(c.factor)
		file := bytes.NewBuffer(preamble(modeAge))
		w, err := age.Encrypt(file, recipient)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(c.content); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			_, _, err := Check(path, word)
			refused(t, err, fault.Invalid, c.words)
		})
	}
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	_, locked := some(t, word)
	_, _, err := Check(locked, word+"x")
	refused(t, err, fault.Denied, "口令不对")
	_, _, err = Check(locked, "")
	refused(t, err, fault.Denied, "--decrypt-with")
	body, err := os.ReadFile(locked)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(body, []byte("140213")) {
		t.Error("what is encrypted can be read")
	}
	_, open := some(t, "")
	_, _, err = Check(open, word)
	refused(t, err, fault.Denied, "没有加密")
}

func TestOtherFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "花名册.xlsx")
	_, _, err := Check(path, "")
	refused(t, err, fault.NotFound, "花名册.xlsx")
	if err := os.WriteFile(path, []byte("PK\x03\x04 something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err = Check(path, "")
	refused(t, err, fault.Invalid, "不是本程序的备份文件")
	_, err = Create(path, "")
	refused(t, err, fault.Refused, "不是备份文件")
	if err := os.WriteFile(path, append([]byte(magic), format+1, modePlain), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err = Check(path, "")
	refused(t, err, fault.Refused, "升级本程序")
	old := append(preamble(modeArgon2), bytes.Repeat([]byte("x"), 100)...)
	if err := os.WriteFile(path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, password := range []string{"", word} {
		_, _, err = Check(path, password)
		refused(t, err, fault.Refused, "以前的加密格式", "用写它的那一版程序恢复", "重新备份")
	}
	if w, err := Create(path, word); err != nil { // it is a backup all the same, so a new one may replace it
		t.Error(err)
	} else {
		w.Discard()
	}
}

// TestNothingIsLeft: an unfinished backup leaves neither itself nor a changed earlier one.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	w, path := some(t, "")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// As a killed program leaves it.
	if err := os.WriteFile(path+partSuffix, bytes.Repeat([]byte("x"), 100), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := Create(path, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Header(&w.header); err != nil {
		t.Fatal(err)
	}
	_, err = Create(path, "")
	refused(t, err, fault.Refused, "另一个程序正在写")
	broken := errors.New("the database is gone")
	if _, err := out.Table("x", func(io.Writer) (int64, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	out.Discard()
	out.Discard()
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the earlier backup changed: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*"+partSuffix)); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

// FuzzCheck: whatever the file, there is an answer, in a sentence.
func FuzzCheck(f *testing.F) {
	f.Add([]byte(magic + "\x01\x00"))
	f.Add([]byte(magic + "\x01\x00\x80\x00\x00\x00"))
	f.Add([]byte(magic + "\x01\x02age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 99\n"))
	w := &written{header: Header{Tables: []Table{{Name: "a"}}}, rows: [][]byte{[]byte("abc")}}
	path := filepath.Join(f.TempDir(), "a")
	for _, password := range []string{"", word} {
		if _, _, err := w.write(path, password); err != nil {
			f.Fatal(err)
		}
		body, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		path := filepath.Join(t.TempDir(), "b")
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, password := range []string{"", word} {
			if _, _, err := Check(path, password); err != nil && fault.CodeOf(err) == fault.Internal {
				t.Errorf("%v", err)
			}
		}
	})
}
