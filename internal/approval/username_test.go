package approval

import (
	"testing"

	"disburse/internal/fault"
)

func TestWhatANameMayHold(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"王晓燕", "经办-MZ", "wang.li", "买买提·艾山", "Li_2", "𠮷田", "os", "osman"} {
		if err := (User{Name: NormalName(name), Post: Manager}).Validate(); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"", " ", "os：root", "os:root", "os-root", "0S.root", "<script>", "王\u3164", "王\uFE00", "王\U000E0100", "e\u0301ric", "王 燕",
		"ΜΖ", "经办-ΜΖ", "Рetr", "王\u200b", "123", "·", "王\n二", "a\xff", "カ", "⺝", "王（审批）",
		"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三"} {
		if err := (User{Name: NormalName(name), Post: Manager}).Validate(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is a name: %v", name, err)
		}
	}
}

func TestNamesThatLookAlike(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{{"经办-MZ", "经办-ＭＺ"}, {"经办-MZ", "经办_mz"}, {"Li", "1i"}, {"Li", "LI"}, {"wang0", "wangO"}, {"Bill", "BiII"},
		{"己审批", "已审批"}, {"买买提·艾山", "买买提•艾山"}, {"王\uF9D1", "王六"}, {"burn", "bum"}, {"⼀王", "一王"}} {
		if LooksLike(pair[1], []string{"别人", pair[0]}) != pair[0] {
			t.Errorf("%q and %q are told apart: %q, %q", pair[0], pair[1], skeleton(pair[0]), skeleton(pair[1]))
		}
	}
	for _, pair := range [][2]string{{"甲经办", "乙经办"}, {"王力", "王立"}, {"经办-MZ", "经办-RS"}} {
		if got := LooksLike(pair[1], []string{pair[0]}); got != "" {
			t.Errorf("%q is taken for %q", pair[1], got)
		}
	}
	// What is typed at login is the name as it was kept.
	if got := NormalName(" 经办-ＭＺ　"); got != "经办-MZ" {
		t.Errorf("normal name %q", got)
	}
}
