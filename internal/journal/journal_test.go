package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func drawEntry(t *rapid.T) Entry {
	text := rapid.StringN(0, 6, -1)
	return Entry{
		Region:  rapid.Int32Range(100000, 999999).Draw(t, "region"),
		Rev:     rapid.Int64Range(1, 1<<40).Draw(t, "rev"),
		At:      time.UnixMicro(rapid.Int64Range(0, 1<<52).Draw(t, "at")).UTC(),
		Actor:   text.Draw(t, "actor"),
		Origin:  text.Draw(t, "origin"),
		Action:  text.Draw(t, "action"),
		Subject: text.Draw(t, "subject"),
		Reason:  text.Draw(t, "reason"),
		Digest:  text.Draw(t, "digest"),
		Summary: text.Draw(t, "summary"),
		Rows:    text.Draw(t, "rows"),
		Before:  text.Draw(t, "before"),
		After:   text.Draw(t, "after"),
	}
}

// Hashes are part of what lies on paper: they may never change for an algorithm. The
// expected values were computed once with an independent encoding (Python's hashlib).
func TestHashGolden(t *testing.T) {
	e := Entry{
		Region: 140213, Rev: 1, At: time.Date(2026, 11, 3, 8, 30, 0, 123456000, time.UTC),
		Actor: "王经办", Origin: "主机", Action: "导入花名册", Subject: "花名册.xlsx",
		Reason: "", Digest: "ab", Summary: "新增 1 人",
	}
	if got, want := hex.EncodeToString(Genesis(140213)), goldenGenesis; got != want {
		t.Errorf("Genesis = %s, want %s", got, want)
	}
	v1, ok := HashBy(V1, Genesis(140213), e)
	if got, want := hex.EncodeToString(v1), goldenHash; got != want || !ok {
		t.Errorf("HashBy %s = %s, want %s", V1, got, want)
	}
	e.Rows, e.Before, e.After = "cd", "ef", "01"
	if got, want := hex.EncodeToString(Hash(Genesis(140213), e)), goldenHash2; got != want {
		t.Errorf("Hash = %s, want %s", got, want)
	}
	if _, ok := HashBy(V1, Genesis(140213), e); ok {
		t.Errorf("%s takes an entry with fields that it does not cover", V1)
	}
	if _, ok := HashBy("md5", Genesis(140213), e); ok {
		t.Error("an unknown algorithm is taken")
	}
}

// Different entries, or a different previous hash, never hash alike; in particular
// not when text moves from one field to the next.
func TestHashTellsEntriesApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawEntry(t)
		previous := rapid.SliceOfN(rapid.Byte(), 0, 33).Draw(t, "previous")
		same := a
		if !bytes.Equal(Hash(previous, a), Hash(previous, same)) {
			t.Fatal("the same entry hashes differently")
		}
		b := a
		fields := b.texts()
		switch k := rapid.IntRange(0, 15).Draw(t, "change"); {
		case k < 9: // move the last byte of one text to the front of the next
			from, to := fields[k], fields[k+1]
			if *from == "" {
				*from = "x"
				break
			}
			last := len(*from) - 1
			*from, *to = (*from)[:last], (*from)[last:]+*to
		case k == 9:
			b.After += "\x00"
		case k == 13:
			b.Summary += "\x00"
		case k == 10:
			b.Region++
		case k == 11:
			b.Rev++
		case k == 12:
			b.At = b.At.Add(time.Microsecond)
		case k == 14:
			b.Rev, b.At = b.At.UnixMicro(), time.UnixMicro(b.Rev)
		default:
			if bytes.Equal(Hash(previous, a), Hash(append(previous, 0), a)) {
				t.Fatal("the previous hash does not enter")
			}
			return
		}
		if a.Rev == b.Rev && cmp.Equal(a, b) {
			return // Rev and At happened to be equal
		}
		if bytes.Equal(Hash(previous, a), Hash(previous, b)) {
			t.Fatalf("two entries hash alike:\n%+v\n%+v", a, b)
		}
	})
}

func TestGenesisDiffersByRegion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Int32Range(100000, 999999).Draw(t, "a")
		b := rapid.Int32Range(100000, 999999).Draw(t, "b")
		if (a == b) != bytes.Equal(Genesis(a), Genesis(b)) {
			t.Fatalf("genesis of %d and %d", a, b)
		}
	})
}

// Hashing an entry as stored is the same before and after storing: AsStored is
// idempotent, valid text, and rounds no time away that a database would keep.
func TestAsStored(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	rapid.Check(t, func(t *rapid.T) {
		e := drawEntry(t)
		e.At = e.At.Add(time.Duration(rapid.IntRange(0, 999).Draw(t, "ns"))).In(zone)
		e.Subject = string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		s := e.AsStored()
		if diff := cmp.Diff(s, s.AsStored()); diff != "" {
			t.Fatalf("not idempotent: %s", diff)
		}
		for _, text := range s.texts() {
			if !utf8.ValidString(*text) || bytes.IndexByte([]byte(*text), 0) >= 0 {
				t.Fatalf("PostgreSQL cannot hold %q", *text)
			}
		}
		if d := e.At.Sub(s.At); d < 0 || d >= time.Microsecond || s.At.Location() != time.UTC {
			t.Fatalf("%s became %s", e.At, s.At)
		}
	})
}

func TestSigned(t *testing.T) {
	by := By{Actor: "王经办", Origin: "主机", At: time.Unix(1, 0), Reason: "更正"}
	got := Entry{Rev: 3, Action: "导入花名册", Actor: "somebody"}.Signed(by)
	want := Entry{Rev: 3, Action: "导入花名册", Actor: "王经办", Origin: "主机", At: time.Unix(1, 0), Reason: "更正"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

const (
	goldenGenesis = "a45d38dda215b08682631dff2f81837a8aad823222308a7062e836987a3da3e4"
	goldenHash    = "881848652255a8ab78f48b0a135ae21c1d219d2270b9f7e5a3604dccc80f90af"
	goldenHash2   = "1c979d6fc56ef2650a9d3196a0b9dcfa960f85d4fc900f264842484e9c6ed60e"
)

// As TestHashGolden, for the digests of rows.
func TestRowsGolden(t *testing.T) {
	row := sha256.Sum256([]byte("row"))
	s := NewRowSum("rows", "person")
	s.Add(&row)
	got := Rows{Table: "person", Count: s.Count(), Digest: s.Hex(), Marks: "ff"}
	want := Rows{Table: "person", Count: 1, Digest: "3944875c7994512a6590abd5998e7748838d8ebfd93fdc05da7d4f731873f6d4", Marks: "ff"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if d := RowsDigest([]Rows{got}); d != "6c755eaac6c8ba04f563a9ca4f6df4b2e0d5aa8cbc3e2dcf449edc29608aad6f" {
		t.Errorf("RowsDigest = %s", d)
	}
	if d := RowsDigest(nil); d != "" {
		t.Errorf("RowsDigest of nothing = %s", d)
	}
}
