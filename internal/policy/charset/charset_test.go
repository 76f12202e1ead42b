package charset

import "testing"

func TestLacks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		charset, text string
		lacks         rune
	}{
		{"UTF-8", "王𠮷㐂·€", 0},
		{"UTF-8", "王\xff", '\uFFFD'},
		{"GBK", "王二麻子 阿卜杜热西提·买买提，ABC１２", 0},
		{"GBK", "王㐂", '㐂'},
		{"GBK", "𠮷田", '𠮷'},
		{"GBK", "欧€元", '€'}, // one byte in browsers' GBK
		{"GBK", "㑳", '㑳'},   // row FE
		{"GBK", "喆镕", 0},
		{"GB18030", "王𠮷㐂㑳€", 0},
		{"GB18030", "\xff", '\uFFFD'},
	} {
		set, ok := Named(c.charset)
		if !ok || set.Name() != c.charset {
			t.Fatalf("no charset %s", c.charset)
		}
		got, lacks := set.Lacks(c.text)
		if got != c.lacks || lacks != (c.lacks != 0) {
			t.Errorf("%s, %q: lacks %q %v, want %q", c.charset, c.text, got, lacks, c.lacks)
		}
		if _, err := set.Encode(c.text); (err != nil) != lacks {
			t.Errorf("%s, %q: encode %v", c.charset, c.text, err)
		}
	}
	if _, ok := Named("BIG5"); ok {
		t.Error("BIG5 is known")
	}
}

func TestWidth(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"UTF-8": 8, "GBK": 6, "GB18030": 6} {
		set, _ := Named(name)
		if got := set.Width("王二12"); got != want {
			t.Errorf("%s: width %d, want %d", name, got, want)
		}
	}
	gbk, _ := Named("GBK")
	if gbk.Width("㐂") != 0 {
		t.Error("what cannot be encoded has a width")
	}
	wide, _ := Named("GB18030")
	if got := wide.Width("㐂"); got != 4 {
		t.Errorf("GB18030 of an extension: %d bytes, want 4", got)
	}
}
