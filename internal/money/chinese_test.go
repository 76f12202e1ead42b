package money

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestChinese(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		// 《正确填写票据和结算凭证的基本规定》
		"1409.50":  "壹仟肆佰零玖元伍角整",
		"6007.14":  "陆仟零柒元壹角肆分",
		"16409.02": "壹万陆仟肆佰零玖元零贰分",
		"325.04":   "叁佰贰拾伍元零肆分",
		// gaps, ends and groups
		"0":             "零元整",
		"0.05":          "伍分",
		"0.50":          "伍角整",
		"0.55":          "伍角伍分",
		"10":            "壹拾元整",
		"10.01":         "壹拾元零壹分",
		"100":           "壹佰元整",
		"101":           "壹佰零壹元整",
		"110":           "壹佰壹拾元整",
		"1000":          "壹仟元整",
		"1001":          "壹仟零壹元整",
		"1010.10":       "壹仟零壹拾元壹角整",
		"10000":         "壹万元整",
		"10001":         "壹万零壹元整",
		"10100":         "壹万零壹佰元整",
		"11000":         "壹万壹仟元整",
		"100000":        "壹拾万元整",
		"107000.53":     "壹拾万柒仟元伍角叁分",
		"1000000":       "壹佰万元整",
		"10000001":      "壹仟万零壹元整",
		"100000000":     "壹亿元整",
		"100000001":     "壹亿零壹元整",
		"100010000":     "壹亿零壹万元整",
		"1234567890.12": "壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分",
		"10000000000":   "壹佰亿元整",
		"-325.04":       "负叁佰贰拾伍元零肆分",
		"9999999999.99": "玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
		"20300.00":      "贰万零叁佰元整",
		"500000.06":     "伍拾万元零陆分",
		"1680.32":       "壹仟陆佰捌拾元叁角贰分",
	} {
		a, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Chinese(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

// readChinese reads 大写 back, by the meaning of its characters alone.
func readChinese(s string) (Fen, error) {
	digits := map[rune]Fen{'零': 0, '壹': 1, '贰': 2, '叁': 3, '肆': 4, '伍': 5, '陆': 6, '柒': 7, '捌': 8, '玖': 9}
	units := map[rune]Fen{'拾': 10, '佰': 100, '仟': 1000}
	s, negative := strings.CutPrefix(s, "负")
	var fen, above, low, group, digit Fen // above: whole 亿; low: whole 万 below them
	for _, r := range s {
		switch r {
		case '万':
			low, group, digit = low+(group+digit)*10_000, 0, 0
		case '亿':
			above, low, group, digit = above+(low+group+digit)*100_000_000, 0, 0, 0
		case '元':
			fen, digit = (above+low+group+digit)*100, 0
		case '角':
			fen, digit = fen+digit*10, 0
		case '分':
			fen, digit = fen+digit, 0
		case '整':
		default:
			if d, ok := digits[r]; ok {
				digit = d
			} else if u, ok := units[r]; ok {
				group, digit = group+digit*u, 0
			} else {
				return 0, fmt.Errorf("%c in %s", r, s)
			}
		}
	}
	if negative {
		fen = -fen
	}
	return fen, nil
}

func checkChinese(t interface{ Fatalf(string, ...any) }, a Fen) {
	s := a.Chinese()
	if got, err := readChinese(s); err != nil || got != a {
		t.Fatalf("%s is %s, which is %s, %v", a, s, got, err)
	}
	body := strings.TrimPrefix(s, "负")
	if strings.Contains(s, "零零") || (strings.HasPrefix(body, "零") && a != 0) || strings.Contains(s, "零整") {
		t.Fatalf("%s is %s: zeros in the wrong place", a, s)
	}
	if strings.HasSuffix(s, "分") == strings.HasSuffix(s, "整") {
		t.Fatalf("%s is %s: 整 stands after 元 and 角, not after 分", a, s)
	}
}

func TestChineseSaysTheAmount(t *testing.T) {
	t.Parallel()
	for a := Fen(-2000); a <= 200_000; a++ {
		checkChinese(t, a)
	}
	rapid.Check(t, func(t *rapid.T) { checkChinese(t, anyFen().Draw(t, "amount")) })
}

// TestChineseOfSums: totals of many lines may be larger than any single amount.
func TestChineseOfSums(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		checkChinese(t, Fen(rapid.Int64Range(-1e17, 1e17).Draw(t, "sum")))
	})
}

func FuzzChinese(f *testing.F) {
	for _, a := range []int64{0, 1, 10, 140950, 1_000_000_001, int64(Limit), -32504} {
		f.Add(a)
	}
	f.Fuzz(func(t *testing.T, a int64) { checkChinese(t, Fen(a%1e17)) })
}
