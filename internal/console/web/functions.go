package web

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"disburse/internal/approval"
	"disburse/internal/bank"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/office/rosters"
	"disburse/internal/payrun"
	"disburse/internal/roster"
	"disburse/internal/store/calendar"
	"disburse/internal/store/recovery"
	"disburse/internal/store/requests"
)

// functions are the functions of templates. Amounts are printed in 元 with thousands
// separators and two decimals, and with the minus sign U+2212: a hyphen is easily
// overlooked in a column of figures.
var functions = template.FuncMap{
	"yuan":         Yuan,
	"signed":       Signed,
	"heads":        Grouped,
	"month":        func(m month.Month) string { return m.Chinese() },
	"monthKey":     func(m month.Month) string { return m.String() },
	"addMonth":     func(m month.Month, n int) month.Month { return m.Add(n) },
	"day":          func(t time.Time) string { return t.In(month.Shanghai).Format("2006-01-02") },
	"clock":        func(t time.Time) string { return t.In(month.Shanghai).Format("2006-01-02 15:04") },
	"mask":         roster.MaskID, // hides the birth date, so no page may print the date next to it
	"age":          month.Age,
	"passwordHint": approval.PasswordHint,
	"account":      maskAccount,
	"hide":         roster.MaskNumbers,
	"state":        func(s payrun.State) string { return s.Chinese() },
	"tone":         stateTone,
	"join":         func(list []string) string { return strings.Join(list, "、") },
	"short":        func(hash string) string { return hash[:min(12, len(hash))] },
	"dict":         dict,
	"took":         took,
	"clockOr":      clockOr,
	"list":         func(words ...string) []string { return words },
	"outcomeTone":  outcomeTone,
	"size":         size,
	"toneOf":       toneOf,
	"warnOf":       func(f money.Fen) string { return toneOf(int(f)) },
	"badOf":        badOf,
	"waiverTone":   waiverTone,
	"bankCode":     bankCode,
	"headsAgainst": headsAgainst,
	"paysAgainst":  paysAgainst,
	"ahead":        ahead,
	"waits":        rosters.ImportWaits,
	"closes":       rosters.ImportCloses,
	"was":          func(q requests.Request) string { before, _ := rosters.RequestText(&q, false); return before },
	"becomes":      func(q requests.Request) string { _, after := rosters.RequestText(&q, false); return after },
	"alike": func(a, b string) bool {
		return a != b && a != "" && b != "" && roster.MaskAccount(a) == roster.MaskAccount(b)
	},
}

// Yuan prints 分 in 元 with thousands separators.
func Yuan(f money.Fen) string { return strings.Replace(f.Grouped(), "-", "−", 1) }

// Signed is Yuan with a plus sign in front of positive amounts, for differences.
func Signed(f money.Fen) string {
	if f > 0 {
		return "+" + Yuan(f)
	}
	return Yuan(f)
}

// Grouped prints an integer with thousands separators.
func Grouped(n any) string {
	s := fmt.Sprint(n)
	head := ""
	if strings.HasPrefix(s, "-") {
		head, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return head + s
}

// ahead is the confirmation asked for before a future month is computed, whose changes
// nobody has entered yet. Empty: the month has begun.
func ahead(m month.Month, now time.Time) string {
	if present := month.FromTime(now).Month(); m > present {
		return fmt.Sprintf("现在是%s，%s还没有开始，这个月的变动还没有登记。确定现在就计算%s吗？", present.Chinese(), m.Chinese(), m.Chinese())
	}
	return ""
}

// maskAccount hides the middle of an account number.
func maskAccount(number string) string {
	if number == "" {
		return "无"
	}
	return roster.MaskAccount(number)
}

// stateTone is the colour (style class) of a batch state.
func stateTone(s payrun.State) string {
	switch s {
	case payrun.Approved:
		return "good"
	case payrun.Submitted, payrun.Reviewed, payrun.Endorsed:
		return "busy"
	case payrun.Returned, payrun.Voided:
		return "bad"
	case payrun.Open:
		return "todo"
	}
	return "idle"
}

// size prints a file size, rounded up to KB or cut to a tenth of a MB.
func size(bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d KB", (bytes+1023)>>10)
	}
	return fmt.Sprintf("%d.%d MB", bytes>>20, bytes%(1<<20)*10>>20)
}

// dict passes several named values to a template, which takes only one argument.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: a name without a value")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// toneOf is the colour of a count that should be 0.
func toneOf(n int) string {
	if n > 0 {
		return "warn"
	}
	return ""
}

// badOf is the colour of a count or an amount that is an error unless it is 0.
func badOf(n any) string {
	if s := fmt.Sprint(n); s == "0" || s == money.Fen(0).String() {
		return ""
	}
	return "bad"
}

// headsAgainst compares the heads of a batch with those of the previous month's.
func headsAgainst(b, last *payrun.Batch) string {
	if last == nil {
		return "没有上月可比"
	}
	d := b.Heads - last.Heads
	word := Grouped(d)
	if d > 0 {
		word = "+" + word
	}
	return "比上月 " + word
}

// paysAgainst compares the sum of a batch with that of the previous month's.
func paysAgainst(b, last *payrun.Batch) string {
	if last == nil {
		return "没有上月可比"
	}
	return "比上月 " + Signed(b.Pays.Sub(last.Pays))
}

// took is the duration of a finished occurrence of a job; empty while it runs.
func took(o calendar.Occurrence) string {
	if o.Started.IsZero() || o.Finished.IsZero() {
		return ""
	}
	d := o.Finished.Sub(o.Started).Round(time.Second)
	switch h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60; {
	case h > 0:
		return fmt.Sprintf("%d 小时 %d 分", h, m)
	case m > 0:
		return fmt.Sprintf("%d 分 %d 秒", m, s)
	default:
		return fmt.Sprintf("%d 秒", s)
	}
}

// clockOr prints a time; empty for the zero time.
func clockOr(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(month.Shanghai).Format("2006-01-02 15:04")
}

// outcomeTone is the colour of the state of an occurrence of a job.
func outcomeTone(o calendar.Occurrence) string {
	switch o.State {
	case calendar.Done:
		return "good"
	case calendar.Running, calendar.Waiting:
		return "busy"
	case calendar.Failed:
		return "bad"
	}
	return "idle"
}

// bankCode is the code with which a bank answered a payment. Results that name only one of
// our own three words have none: printing the word twice would look like two facts.
func bankCode(code string) string {
	switch code {
	case bank.Paid.String(), bank.Failed.String(), bank.Unknown.String():
		return ""
	}
	return code
}

// waiverTone is the colour of the state of a request for a write-off (核销).
func waiverTone(state string) string {
	switch state {
	case recovery.WaiverPending:
		return "todo"
	case recovery.WaiverGranted:
		return "good"
	}
	return "bad"
}
