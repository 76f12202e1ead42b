package bank_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"disburse/internal/bank"
	"disburse/internal/fault"
)

// TestRowsAreBoundBySent: a file may answer each payment of the files that it names twice,
// and a thousand rows besides; what has more is no answer, however small it is.
func TestRowsAreBoundBySent(t *testing.T) {
	t.Parallel()
	asked := map[string]int{}
	payments := func(number string) (int, error) {
		asked[number]++
		return map[string]int{"A": 500, "B": 200}[number], nil
	}
	file := func(rows ...int) string { // so many rows of A, B, C …
		var b strings.Builder
		b.WriteString("批次号,序号,账号,金额,结果码\n")
		for i, n := range rows {
			for seq := range n {
				fmt.Fprintf(&b, "%c,%d,62,1.00,0000\n", 'A'+i, seq+1)
			}
		}
		return b.String()
	}
	for name, c := range map[string]struct {
		body string
		read bool
	}{
		"each once":        {file(500, 200), true},
		"each twice":       {file(1000, 400), true},
		"and a thousand":   {file(1000, 400, 1000), true},
		"one more":         {file(1000, 400, 1001), false},
		"nothing is known": {file(0, 0, 1001), false},
		"unreadable rows":  {file(500) + strings.Repeat("A,x,62,1.00,0000\n", 1501), false},
	} {
		r, err := bank.ReadResults(put(t, "回盘.csv", []byte(c.body)), payments)
		switch {
		case c.read && err != nil:
			t.Errorf("%s: %v", name, err)
		case !c.read && (!fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "不是这些批次的回盘") || r != nil):
			t.Errorf("%s: %v, %v", name, r, err)
		}
	}
	if asked["A"] > 6 {
		t.Errorf("asked %d times about one file", asked["A"])
	}
	broken := errors.New("no database")
	if _, err := bank.ReadResults(put(t, "回盘.csv", []byte(file(1))), func(string) (int, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Errorf("error of sent: %v", err)
	}
}

// TestTextsAreBounded: a file whose rows hold other texts each is given up once they are too
// many, and a text that many rows share counts once.
func TestTextsAreBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("长", 280)
	file := func(rows int, reason func(i int) string) []byte {
		var b bytes.Buffer
		b.WriteString("批次号,序号,账号,金额,结果码,原因\n")
		for i := range rows {
			fmt.Fprintf(&b, "%s,%d,62,1.00,0000,%s\n", number, i+1, reason(i))
		}
		return b.Bytes()
	}
	much := func(string) (int, error) { return 1 << 20, nil }
	_, err := bank.ReadResults(put(t, "回盘.csv", file(55_000, func(i int) string { return fmt.Sprint(long, i) })), much)
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "文字太多") {
		t.Errorf("46 MB of texts: %v", err)
	}
	r, err := bank.ReadResults(put(t, "回盘.csv", file(55_000, func(int) string { return long })), much)
	if err != nil || len(r.Rows) != 55_000 {
		t.Errorf("one text: %v", err)
	}
}

// TestLongValues: a value that no bank writes refuses its row alone, and is shown shortened.
func TestLongValues(t *testing.T) {
	t.Parallel()
	r := read(t, "回盘.csv", []byte("批次号,序号,账号,金额,结果码,原因\n"+number+",1,62,1.00,0000,"+strings.Repeat("长", 301)+"\n"+
		number+",2,"+strings.Repeat("6", 61)+",1.00,0000,\n"+number+",3,62,1.00,0000,"+strings.Repeat("长", 300)+"\n"+number+",4,62,1.00,0000,a\ab\n"))
	if len(r.Rows) != 1 || r.Rows[0].Seq != 3 || len(r.Problems) != 3 {
		t.Fatalf("%d rows, problems %+v", len(r.Rows), r.Problems)
	}
	for i, column := range []string{"原因", "账号", "原因"} {
		if p := r.Problems[i]; p.Column != column || len([]rune(p.Value)) > 61 {
			t.Errorf("problem %+v", p)
		}
	}
}
