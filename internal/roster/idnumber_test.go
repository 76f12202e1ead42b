package roster

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"disburse/internal/fault"
	"disburse/internal/month"
)

func TestCheckID(t *testing.T) {
	t.Parallel()
	tests := []struct{ id, reason string }{
		{"11010519491231002X", ""}, // the example of GB 11643
		{"440524188001010014", ""}, // the standard's other example
		{"临-1", ""},
		{"临-ABCdef0123456789", ""},
		{"", "不能为空"},
		{"110105194912310021", "校验码"},
		{"11010519491231002Y", "校验码"},
		{"110105194902290020", "19490229 不存在"},
		{"110105194913010020", "不存在"},
		{"110105194900010020", "不存在"},
		{"110105184901010020", "不存在"},
		{"110105210001010020", "不存在"},
		{"1101051949123100X2", "前 17 位"},
		{"11010519491231002", "应为 18 位，这里是 17 位"},
		{"1101051949123100200", "这里是 19 位"},
		{"110105491231002", "15 位旧号码"},
		{"一一〇一〇五一九四九一二三一〇〇二〇", "前 17 位只能是数字"},
		{"临-", "临时编号"},
		{"临-12345678901234567", "临时编号"},
		{"临-A B", "临时编号"},
		{"临-张三", "临时编号"},
		{"临001", "临时编号"},
	}
	for _, tt := range tests {
		err := CheckID(tt.id)
		switch {
		case tt.reason == "" && err != nil:
			t.Errorf("CheckID(%s): %v", tt.id, err)
		case tt.reason != "" && (!fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), tt.reason)):
			t.Errorf("CheckID(%s) = %v, want %q", tt.id, err, tt.reason)
		}
		if ValidID(tt.id) != (tt.reason == "") {
			t.Errorf("ValidID(%s) differs from CheckID", tt.id)
		}
	}
}

func TestCleanID(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"11010519491231002x":                     "11010519491231002X",
		" 110105 19491231　002x ":                 "11010519491231002X",
		"１１０１０５１９４９１２３１００２Ｘ":                     "11010519491231002X",
		"１１０１０５１９４９１２３１００２ｘ":                     "11010519491231002X",
		"\u200b110105\u00a01949\ufeff1231002X\n": "11010519491231002X",
		"临－ａ１":                                   "临-a1",
		"临-ax":                                   "临-ax",
		"":                                       "",
	} {
		if got := CleanID(in); got != want {
			t.Errorf("CleanID(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestWhatIDNumbersSay(t *testing.T) {
	t.Parallel()
	const id = "11010519491231002X"
	if got := BirthOf(id); got != month.DateOf(1949, 12, 31) {
		t.Errorf("birth is %v", got)
	}
	if got := SexOf(id); got != Female {
		t.Errorf("sex is %v", got)
	}
	if got := SexOf(MakeID("140213", month.DateOf(1940, 1, 1), 1)); got != Male {
		t.Errorf("sex of an odd serial is %v", got)
	}
	if BirthOf("临-1") != 0 || SexOf("临-1") != "" {
		t.Error("a temporary number says something")
	}
	for id, want := range map[string]string{id: "110105********002X", "临-AB12": "临-AB12", "123": "***", "": ""} {
		if got := MaskID(id); got != want {
			t.Errorf("MaskID(%s) = %s, want %s", id, got, want)
		}
	}
}

func TestMadeIDsAreValid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first, last := month.DateOf(firstBirthYear, 1, 1), month.DateOf(lastBirthYear, 12, 31)
		birth := month.Date(rapid.IntRange(int(first), int(last)).Draw(t, "birth"))
		serial := rapid.IntRange(0, 999).Draw(t, "serial")
		id := MakeID("140213", birth, serial)
		if err := CheckID(id); err != nil {
			t.Fatal(err)
		}
		if BirthOf(id) != birth || (SexOf(id) == Male) != (serial%2 == 1) {
			t.Fatalf("%s says %v, %v", id, BirthOf(id), SexOf(id))
		}
		// MOD 11-2 finds every single wrong digit and every exchange of neighbours.
		at := rapid.IntRange(0, 16).Draw(t, "at")
		digit := byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
		if wrong := id[:at] + string(digit) + id[at+1:]; wrong != id && ValidID(wrong) {
			t.Fatalf("%s is valid, and so is %s", id, wrong)
		}
		if at < 16 {
			if wrong := id[:at] + string(id[at+1]) + string(id[at]) + id[at+2:]; wrong != id && ValidID(wrong) {
				t.Fatalf("%s is valid, and so is %s", id, wrong)
			}
		}
	})
}

// TestDayExists compares the plain arithmetic with the calendar of package time.
func TestDayExists(t *testing.T) {
	t.Parallel()
	for year := firstBirthYear; year <= lastBirthYear; year++ {
		for m := 0; m <= 13; m++ {
			for day := 0; day <= 32; day++ {
				d := time.Date(year, time.Month(m), day, 0, 0, 0, 0, time.UTC)
				want := m >= 1 && m <= 12 && d.Year() == year && int(d.Month()) == m && d.Day() == day
				if dayExists(year, m, day) != want {
					t.Fatalf("dayExists(%d, %d, %d) = %v", year, m, day, !want)
				}
			}
		}
	}
}

func FuzzCheckID(f *testing.F) {
	for _, id := range []string{"11010519491231002X", " 11010519491231002x", "临-1", "１１０", "\xff", "1101054912310"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id := CleanID(s)
		if CleanID(id) != id {
			t.Fatalf("cleaning %q twice gives %q", id, CleanID(id))
		}
		valid := CheckID(id) == nil
		if valid != ValidID(id) {
			t.Fatalf("CheckID and ValidID differ on %q", id)
		}
		if valid && !Temporary(id) && (BirthOf(id) == 0 || SexOf(id) == "" || len(MaskID(id)) != 18) {
			t.Fatalf("%q is valid and says nothing", id)
		}
		if masked := MaskID(s); len(s) == 18 && !strings.HasPrefix(s, temporaryPrefix) && masked[6:14] != "********" {
			t.Fatalf("%q is masked as %q", s, masked)
		}
	})
}

func BenchmarkValidID(b *testing.B) {
	id := MakeID("140213", month.DateOf(1940, 2, 29), 7)
	b.ReportAllocs()
	for b.Loop() {
		if !ValidID(id) {
			b.Fatal(id)
		}
	}
}

func TestMaskNumbers(t *testing.T) {
	t.Parallel()
	const text = "账号6222000000000000001、证件14021319440305001X、电话13900000000、金额 1234567.89、文件 140213-202611-MZ-1-001"
	if got, want := MaskNumbers(text), "账号6222****0001、证件140213********001X、电话1390****0000、金额 1234567.89、文件 140213-202611-MZ-1-001"; got != want {
		t.Errorf("masked: %s", got)
	}
	if got, want := HideNumbers(text), "账号********、证件********、电话********、金额 1234567.89、文件 140213-202611-MZ-1-001"; got != want {
		t.Errorf("hidden: %s", got)
	}
	for number, want := range map[string]string{"": "****", "12345678": "****", "123456789": "1234****6789"} {
		if got := MaskAccount(number); got != want {
			t.Errorf("MaskAccount(%q) = %s", number, got)
		}
	}
}
