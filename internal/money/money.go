// Package money has amounts: 分 as whole numbers, exact decimals in 元 for the
// rules, and the figures that people write on vouchers (大写).
package money

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"disburse/internal/fault"
)

// Fen is an amount in 分. Amounts that enter the program lie within ±Limit, so
// sums of a district's lines stay far from the ends of int64; Add checks anyhow.
type Fen int64

// Limit is the largest single amount the program takes in: 100 亿元.
const Limit Fen = 1_000_000_000_000

// Add returns a + b. It panics when the sum leaves int64, which amounts within
// Limit cannot bring about: going on with a wrapped figure would be worse.
func (a Fen) Add(b Fen) Fen {
	s := a + b
	if (a > 0 && b > 0 && s < 0) || (a < 0 && b < 0 && s >= 0) {
		panic(fmt.Sprintf("money: %d + %d leaves int64", a, b))
	}
	return s
}

// Sub returns a − b, with the same check as Add.
func (a Fen) Sub(b Fen) Fen { return a.Add(-b) }

// Decimal returns the amount in 元.
func (a Fen) Decimal() decimal.Decimal { return decimal.New(int64(a), -2) }

// String writes the amount in 元 with two decimals: 70.00, -0.05.
func (a Fen) String() string {
	sign, n := "", uint64(a)
	if a < 0 {
		sign, n = "-", uint64(-a)
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}

// Grouped writes the amount in 元 with thousands separators: 1,409.50.
func (a Fen) Grouped() string {
	s := a.String()
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	whole, frac := s[:len(s)-3], s[len(s)-3:]
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return sign + b.String() + frac
}

// Round returns yuan in 分, rounded half up (away from zero for the negative),
// once, as the rules ask for each granted amount. It fails with fault.Invalid
// beyond Limit.
func Round(yuan decimal.Decimal) (Fen, error) {
	fen := yuan.Shift(2).Round(0)
	if fen.Abs().GreaterThan(decimal.New(int64(Limit), 0)) {
		return 0, fault.New(fault.Invalid, "金额 %s 元超出范围（不得超过 100 亿元）", yuan.String())
	}
	return Fen(fen.IntPart()), nil
}

// Parse reads an amount in 元 as staff write it: 70, 70.5, 1,409.50, ￥70. More than
// two decimals, signs other than a leading minus, and exponents are refused
// (fault.Invalid): what is not exactly an amount in 分 is never rounded silently.
func Parse(s string) (Fen, error) {
	bad := func() (Fen, error) {
		return 0, fault.New(fault.Invalid, "“%s”不是金额，请写成 70 或 70.50 的样子（最多两位小数）", s)
	}
	t := strings.TrimSpace(s)
	for _, prefix := range []string{"￥", "¥"} {
		t = strings.TrimPrefix(t, prefix)
	}
	t = strings.TrimSuffix(t, "元")
	neg := strings.HasPrefix(t, "-")
	t = strings.TrimPrefix(t, "-")
	whole, frac, point := strings.Cut(t, ".")
	whole, ok := ungroup(whole)
	if !ok || len(frac) > 2 || (point && frac == "") || !digits(whole) || !digits(frac) || whole == "" {
		return bad()
	}
	if len(whole) > 11 {
		return 0, fault.New(fault.Invalid, "金额“%s”超出范围（不得超过 100 亿元）", s)
	}
	var n Fen
	for _, c := range whole + (frac + "00")[:2] {
		n = n*10 + Fen(c-'0')
	}
	if n > Limit {
		return 0, fault.New(fault.Invalid, "金额“%s”超出范围（不得超过 100 亿元）", s)
	}
	if neg {
		n = -n
	}
	return n, nil
}

// ungroup takes thousands separators out, where they stand as they should.
func ungroup(whole string) (string, bool) {
	parts := strings.Split(whole, ",")
	for i, p := range parts[1:] {
		if len(p) != 3 || (i == 0 && (len(parts[0]) == 0 || len(parts[0]) > 3)) {
			return "", false
		}
	}
	return strings.Join(parts, ""), true
}

func digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
