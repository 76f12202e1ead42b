package clean

import (
	"testing"

	"pgregory.net/rapid"
)

func TestCleaning(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, squeezed, tidied, name string }{
		{" 张　三 ", "张三", "张 三", "张三"},
		{"阿不都\u200b · 热合曼", "阿不都·热合曼", "阿不都 · 热合曼", "阿不都·热合曼"},
		{"张\u200b三 丰\ufeff", "张三丰", "张三 丰", "张三丰"},
		{"李 Anna Li 1", "李AnnaLi1", "李 Anna Li 1", "李 Anna Li 1"},
		{"某路\u200b1号\u00a0 \u00ad2单元", "某路1号2单元", "某路1号 2单元", "某路1号 2单元"},
		{"Anna  Li", "AnnaLi", "Anna Li", "Anna Li"},
		{"阿不都·热合曼", "阿不都·热合曼", "阿不都·热合曼", "阿不都·热合曼"},
		{"\u202d６２２２ ０２００\n", "62220200", "６２２２ ０２００", "６２２２ ０２００"},
		{"（甲）", "(甲)", "（甲）", "（甲）"},
		{"　\u200b\t", "", "", ""},
	}
	for _, tt := range tests {
		if got := Squeeze(tt.in); got != tt.squeezed {
			t.Errorf("squeeze(%q) = %q, want %q", tt.in, got, tt.squeezed)
		}
		if got := Tidy(tt.in); got != tt.tidied {
			t.Errorf("tidy(%q) = %q, want %q", tt.in, got, tt.tidied)
		}
		if got := Name(tt.in); got != tt.name {
			t.Errorf("tidyName(%q) = %q, want %q", tt.in, got, tt.name)
		}
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"张试": false, "四个字符": false, "五个字符了": true, "a\x00": true, "a\u0085": true, "a\xff": true, "a\uFFFD": true, "𠮷𠮷𠮷𠮷": false,
	} {
		if got := Unreadable(text, 4) != ""; got != want {
			t.Errorf("unreadable(%q) = %v", text, got)
		}
	}
}

func TestNeutralGivesTheOriginalBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom([]rune("'=+-@a张"))).Draw(t, "text")
		safe := Neutral(s)
		if FormulaLike(safe) {
			t.Fatalf("neutral(%q) = %q is like a formula", s, safe)
		}
		if got := Original(safe); got != s {
			t.Fatalf("%q came back as %q", s, got)
		}
	})
}
