package bank_test

import (
	"strings"
	"testing"

	"disburse/internal/bank"
	"disburse/internal/policy"
	"disburse/internal/policy/packfile"
)

func TestCodesOfTheBuiltInPack(t *testing.T) {
	t.Parallel()
	pack, err := policy.Load(policy.Builtin())
	if err != nil {
		t.Fatal(err)
	}
	codes := bank.CodesOf(pack.File)
	for want, list := range map[bank.Outcome]string{
		bank.Paid:    "0000 成功",
		bank.Failed:  "3004 3009 3010 3016 3017 3018 3031 3039 3056 失败",
		bank.Unknown: "2000 2007 3028 未知",
	} {
		for _, code := range strings.Fields(list) {
			if m, known := codes.Meaning("某银行", code); m.Outcome != want || !known {
				t.Errorf("%s: got %s, %v, want %s", code, m.Outcome, known, want)
			}
		}
	}
	for _, code := range []string{"9999", "0", "000", "成功了", ""} {
		if m, known := codes.Meaning("某银行", code); m.Outcome != bank.Unknown || known {
			t.Errorf("%q: got %s, %v", code, m.Outcome, known)
		}
	}
}

// A bank with a table of its own has only that: the same code may mean another thing there.
func TestBankWithItsOwnTable(t *testing.T) {
	t.Parallel()
	body := strings.Replace(string(policy.Builtin()), "\nresult_codes:\n", "\nresult_codes:\n"+
		"  - bank: 示例银行\n    codes:\n      - {code: A1, result: 成功}\n      - {code: \"3004\", result: 未知, means: 处理中}\n", 1)
	pack, err := policy.Load([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	codes := bank.CodesOf(pack.File)
	for _, c := range []struct {
		bank, code string
		want       bank.Outcome
		known      bool
	}{
		{"示例银行", "A1", bank.Paid, true}, {"示例银行", "3004", bank.Unknown, true}, {"示例银行", "0000", bank.Unknown, false},
		{"示例银行", "失败", bank.Failed, true}, {"另一银行", "A1", bank.Unknown, false}, {"另一银行", "3004", bank.Failed, true},
	} {
		if m, known := codes.Meaning(c.bank, c.code); m.Outcome != c.want || known != c.known {
			t.Errorf("%s %s: got %s, %v", c.bank, c.code, m.Outcome, known)
		}
	}
}

// A table belongs to a bank under all its names.
func TestTableOfABankWithAliases(t *testing.T) {
	t.Parallel()
	name := func(s string) packfile.Text { return packfile.Text{Value: s} }
	codes := bank.CodesOf(&packfile.File{
		Banks:       []packfile.Bank{{Name: name("示例银行"), Aliases: []packfile.Text{name("示行")}}},
		ResultCodes: []packfile.BankCodes{{Bank: name("示行"), Codes: []packfile.ResultCode{{Code: name("A1"), Result: name("成功")}}}},
	})
	for _, known := range []string{"示例银行", "示行"} {
		if m, ok := codes.Meaning(known, "A1"); m.Outcome != bank.Paid || !ok {
			t.Errorf("%s: got %s, %v", known, m.Outcome, ok)
		}
	}
}

func TestNoTables(t *testing.T) {
	t.Parallel()
	codes := bank.CodesOf(&packfile.File{})
	if m, known := codes.Meaning("某银行", "0000"); m.Outcome != bank.Unknown || known {
		t.Errorf("got %s, %v", m.Outcome, known)
	}
	if m, known := codes.Meaning("某银行", "成功"); m.Outcome != bank.Paid || !known {
		t.Errorf("got %s, %v", m.Outcome, known)
	}
}
