package packfile

// BankCodes is what one bank means by the result codes of its answers (回盘).
type BankCodes struct {
	At     Pos
	Bank   Text         `yaml:"bank"` // 开户银行 as bank files name it; empty: all banks without a table of their own
	Codes  []ResultCode `yaml:"codes"`
	Source Text         `yaml:"source"`
}

// ResultCode is one code of a bank's answers.
type ResultCode struct {
	At     Pos
	Code   Text `yaml:"code"`
	Result Text `yaml:"result"` // 成功 | 失败 | 未知
	Means  Text `yaml:"means"`  // 户名不符
}

// The words of ResultCode.Result, which result files may also use in place of codes.
const (
	ResultPaid    = "成功"
	ResultFailed  = "失败"
	ResultUnknown = "未知" // not final: not paid again until the bank says more
)

// resultCodes checks the tables. A code that stands there twice could pay twice.
func (c *fileChecker) resultCodes() {
	banks := map[string]bool{}
	for _, table := range c.file.ResultCodes {
		c.Here = table.At
		if banks[table.Bank.Value] {
			c.Fail(table.Bank.Pos, "银行“%s”的结果码表重复，请合成一张（不写 bank 的是缺省表，只能有一张）", table.Bank.Value)
		}
		banks[table.Bank.Value] = true
		if len(table.Codes) == 0 {
			c.Fail(table.At, "结果码表没有 codes")
		}
		seen := map[string]bool{}
		for _, code := range table.Codes {
			c.Here = code.At
			c.resultCode(code, seen)
		}
	}
	c.Here = c.file.At
}

func (c *fileChecker) resultCode(code ResultCode, seen map[string]bool) {
	value := code.Code.Value
	switch {
	case !c.required(code.Code.Pos, code.Code, "结果码 code"):
	case value == ResultPaid || value == ResultFailed || value == ResultUnknown:
		c.Fail(code.Code.Pos, "“%s”本来就是结果，不能再作结果码", value)
	case seen[value]:
		c.Fail(code.Code.Pos, "结果码“%s”重复", value)
	}
	seen[value] = true
	switch code.Result.Value {
	case ResultPaid, ResultFailed, ResultUnknown:
	default:
		c.Fail(code.Result.Pos, "结果码“%s”的 result 应为 成功、失败 或 未知，不能是“%s”", value, code.Result.Value)
	}
}
