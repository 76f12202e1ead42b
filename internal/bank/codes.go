package bank

import (
	"strings"

	"disburse/internal/policy/packfile"
)

// Codes are the result codes of the banks, as a policy pack has them.
type Codes struct {
	file   *packfile.File
	byBank map[string]map[string]Meaning // "" is the table of banks that have none of their own
}

// Meaning is what a result code stands for.
type Meaning struct {
	Outcome Outcome
	Words   string // 户名不符; may be empty
}

// outcomes are the words that packfile.ResultCode.Result may use.
var outcomes = map[string]Outcome{packfile.ResultPaid: Paid, packfile.ResultFailed: Failed, packfile.ResultUnknown: Unknown}

// CodesOf takes the tables of a pack that has been checked.
func CodesOf(file *packfile.File) Codes {
	c := Codes{file: file, byBank: map[string]map[string]Meaning{}}
	for _, table := range file.ResultCodes {
		codes := map[string]Meaning{}
		for _, code := range table.Codes {
			codes[code.Code.Value] = Meaning{outcomes[code.Result.Value], code.Means.Value}
		}
		c.byBank[c.name(table.Bank.Value)] = codes
	}
	return c
}

// name is a bank's name where the pack knows it under others too (工行).
func (c Codes) name(known string) string {
	if known == "" {
		return ""
	}
	return c.file.BankName(known)
}

// words are the results that every file may use in place of codes.
var words = map[string]Outcome{"成功": Paid, "失败": Failed, "未知": Unknown}

// Meaning returns what a bank means by a result. A bank with a table of its own has
// only that; the others share the table without a bank. known is false for a code that
// the table does not have: it means Unknown, and somebody must look at it.
func (c Codes) Meaning(bankName, code string) (m Meaning, known bool) {
	code = strings.TrimSpace(code)
	if o, ok := words[code]; ok {
		return Meaning{Outcome: o}, true
	}
	table, own := c.byBank[c.name(bankName)]
	if !own {
		table = c.byBank[""]
	}
	if m, known = table[code]; known {
		return m, true
	}
	return Meaning{Outcome: Unknown}, false
}
