package policy

import (
	"strings"
	"testing"

	"disburse/internal/policy/packfile"
)

// withCodes is the small pack with result_codes, the place of the problem marked ‸.
func withCodes(tables string) (body string, at packfile.Pos) {
	body = small + "result_codes:\n" + tables
	i := strings.Index(body, "‸")
	if i < 0 {
		return body, packfile.Pos{}
	}
	before := body[:i]
	at = packfile.Pos{Line: strings.Count(before, "\n") + 1, Col: len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1}
	return strings.Replace(body, "‸", "", 1), at
}

func TestResultCodeChecks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ tables, sentence string }{
		"two defaults":    {"  - codes: [{code: a, result: 成功}]\n  - ‸codes: [{code: a, result: 成功}]\n", "只能有一张"},
		"two of a bank":   {"  - {bank: 甲行, codes: [{code: a, result: 成功}]}\n  - {bank: ‸甲行, codes: [{code: a, result: 成功}]}\n", "银行“甲行”的结果码表重复"},
		"no codes":        {"  - ‸bank: 甲行\n", "没有 codes"},
		"code twice":      {"  - codes: [{code: a, result: 成功}, {code: ‸a, result: 失败}]\n", "结果码“a”重复"},
		"no code":         {"  - codes: [‸{result: 成功}]\n", "缺少结果码 code"},
		"a word for code": {"  - codes: [{code: ‸成功, result: 失败}]\n", "不能再作结果码"},
		"no result":       {"  - codes: [‸{code: a}]\n", "result 应为 成功、失败 或 未知"},
		"another result":  {"  - codes: [{code: a, result: ‸已付}]\n", "不能是“已付”"},
		"float for code":  {"  - codes: [{code: ‸1.5, result: 成功}]\n", "浮点数"},
		"unknown key":     {"  - codes: [{code: a, result: 成功, ‸mean: 乙}]\n", "不认识的键“mean”"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, at := withCodes(c.tables)
			wants(t, problems(t, body), at, c.sentence)
		})
	}
}

func TestResultCodesLoad(t *testing.T) {
	t.Parallel()
	body, _ := withCodes("  - {bank: 甲行, codes: [{code: \"0000\", result: 成功, means: 好}]}\n  - codes: [{code: 3004, result: 失败}]\n")
	pack, err := Load([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	tables := pack.File.ResultCodes
	if len(tables) != 2 || tables[0].Bank.Value != "甲行" || tables[0].Codes[0].Code.Value != "0000" || tables[0].Codes[0].Means.Value != "好" ||
		tables[1].Codes[0].Code.Value != "3004" {
		t.Errorf("got %+v", tables)
	}
}
