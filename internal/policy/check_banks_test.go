package policy

import (
	"slices"
	"strings"
	"testing"

	"disburse/internal/policy/packfile"
)

// bankPart goes to the end of the small pack: two banks, three shapes.
const bankPart = `
banks:
  - {name: 甲银行, aliases: [甲行], code: "102100099996", shape: 定长}
  - {name: 乙银行, aliases: [乙行], code: "103100000026", through: 丙银行}
  - {name: 丙银行, shape: 两份}
shapes:
  - name: 定长
    format: txt
    encoding: GBK
    file_name: "X{文件号}"
    header: [{field: 笔数, width: 6, align: right, pad: "0"}]
    columns:
      - {field: 账号, width: 32}
      - {field: 户名, width: 40}
      - {field: 金额, width: 14, align: right}
      - {field: 摘要, width: 60}
    map: [{from: 㐂, to: 喜}]
  - name: 竖线
    format: txt
    encoding: UTF-8
    separator: "|"
    columns: [账号, 户名, 金额, 摘要]
    memos: [{item: "1", text: "{月份}高龄"}]
  - name: 两份
    format: xlsx
    heading: true
    own_bank: 丙银行
    file_name: "{文件号}-BH"
    other_file_name: "{文件号}-TH"
    columns: [账号, 户名, 金额]
    other_columns: [账号, 户名, 联行号, 金额]
`

func TestBankChecks(t *testing.T) {
	t.Parallel()
	if _, err := Load([]byte(small + bankPart)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, with, sentence string }{
		{"bank without name", "{name: 丙银行, shape: 两份}", "{name: 丙银行, shape: 两份}\n  - ‸{aliases: [丁行]}", "缺少银行名称"},
		{"alias of two banks", "aliases: [乙行]", "aliases: [‸甲行]", "银行的名称或别名“甲行”重复"},
		{"alias that is a name", "aliases: [乙行]", "aliases: [‸甲银行]", "“甲银行”重复"},
		{"short code", `code: "102100099996"`, `code: ‸"10210009999"`, "12 位数字"},
		{"unknown shape", "shape: 两份}", "shape: ‸两分}", "格式“两分”没有在 shapes 里写明"},
		{"unknown agent", "through: 丙银行", "through: ‸丁银行", "代发行“丁银行”没有"},
		{"agent of itself", "through: 丙银行", "through: ‸乙银行", "写最终的代发行"},
		{"agent and shape", "through: 丙银行", "through: 丙银行, shape: ‸竖线", "格式写在代发行"},
		{"shape twice", "name: 竖线", "name: ‸定长", "银行文件格式“定长”重复"},
		{"format", "format: txt\n    encoding: GBK", "format: ‸doc\n    encoding: GBK", "format 应为 xlsx、csv、txt"},
		{"encoding", "encoding: GBK", "encoding: ‸BIG5", "encoding 应为 UTF-8、GBK 或 GB18030"},
		{"encoding of a workbook", "format: xlsx", "format: xlsx\n    encoding: ‸GBK", "是工作簿"},
		{"separator of two", `separator: "|"`, `separator: ‸"||"`, "一个 ASCII 符号"},
		{"separator in amounts", `separator: "|"`, `separator: ‸"."`, "一个 ASCII 符号"},
		{"line end", "encoding: GBK", "encoding: GBK\n    line_end: ‸CR", "line_end 应为 CRLF、LF"},
		{"amount", "encoding: GBK", "encoding: GBK\n    amount: ‸角", "amount 应为 元、分"},
		{"rows", "encoding: GBK", "encoding: GBK\n    rows: ‸5001", "最多 5000"},
		{"name not ASCII", `file_name: "X{文件号}"`, `file_name: ‸"代发{文件号}"`, "只能用英文字母"},
		{"name of a folder", `file_name: "X{文件号}"`, `file_name: ‸"../{文件号}"`, "只能用英文字母"},
		{"name without number", `file_name: "X{文件号}"`, `file_name: ‸"X{年月}"`, "要含 {文件号}"},
		{"name with another field", `file_name: "X{文件号}"`, `file_name: ‸"{文件号}{批次}"`, "{批次} 不认识"},
		{"one name for two", `"{文件号}-TH"`, `‸"{文件号}-BH"`, "file_name、other_file_name"},
		{"no account", "columns: [账号, 户名, 金额, 摘要]", "columns: [户名, 金额, 摘要]", "缺少“账号”列"},
		{"no amount", "other_columns: [账号, 户名, 联行号, 金额]", "other_columns: [账号, 户名, 联行号]", "other_columns 缺少“金额”列"},
		{"unknown field", "columns: [账号, 户名, 金额, 摘要]", "columns: [账号, 户名, 金额, ‸摘耍]", "不认识的字段“摘耍”"},
		{"total among payments", "columns: [账号, 户名, 金额, 摘要]", "columns: [账号, 户名, 金额, ‸总金额]", "不认识的字段“总金额”"},
		{"payment in a record", "header: [{field: 笔数, width", "header: [{field: ‸户名, width", "不认识的字段“户名”"},
		{"no width", "{field: 户名, width: 40}", "{field: ‸户名}", "每栏都要写 width"},
		{"narrow", "{field: 账号, width: 32}", "{field: 账号, width: ‸18}", "width 太小，至少 19"},
		{"narrow 摘要", "{field: 摘要, width: 60}", "{field: 摘要, width: ‸10}", "“摘要”的 width 不够"},
		{"align", "align: right}", "align: ‸middle}", "align 应为 left、right"},
		{"pad of two", `pad: "0"`, `pad: ‸"00"`, "一个 ASCII 字符"},
		{"zeros behind", `{field: 账号, width: 32}`, `{field: 账号, width: 32, pad: ‸"0"}`, "改变数值"},
		{"width with separator", "columns: [账号, 户名, 金额, 摘要]", "columns: [账号, 户名, {field: ‸金额, width: 12}, 摘要]", "不写 width"},
		{"own bank unknown", "own_bank: 丙银行", "own_bank: ‸丁银行", "本行“丁银行”没有"},
		{"other columns alone", "    own_bank: 丙银行\n", "", "还要写 own_bank"},
		{"no 联行号", `code: "103100000026", `, ``, "补上 code"},
		{"map of two", "from: 㐂", "from: ‸㐂㐂", "应为一个字"},
		{"map to a question mark", "to: 喜", "to: ‸？", "不能用问号"},
		{"map to what is lacking", "to: 喜", "to: ‸𠮷", "不在 GBK 里"},
		{"map twice", "{from: 㐂, to: 喜}", "{from: 㐂, to: 喜}, {from: ‸㐂, to: 禧}", "“㐂”重复"},
		{"memo of an unknown item", `{item: "1", text`, `{item: ‸"77", text`, "项目“77”不存在或不发钱"},
		{"memo with another field", `"{月份}高龄"`, `‸"{户名}高龄"`, "{户名} 不认识"},
		{"memo with the separator", `"{月份}高龄"`, `"高龄|津贴"`, "里有分隔符"},
		{"memo that GBK lacks", "encoding: GBK", "encoding: GBK\n    memo: ‸𠮷{项目}", "不在 GBK 里"},
		{"unknown key", "own_bank: 丙银行", "own_bank: 丙银行\n    ‸owner: 甲", "不认识的键“owner”"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			body, at := change(t, small+bankPart, c.old, c.with)
			ps := problems(t, body)
			placed := strings.Contains(c.with, "‸") // of something missing there is only the part it is missing from
			found := slices.ContainsFunc(ps, func(p packfile.Problem) bool {
				return (p.Pos == at || !placed) && strings.Contains(p.Sentence, c.sentence)
			})
			if !found {
				t.Errorf("want %q at %s, got\n%v", c.sentence, at, ps)
			}
		})
	}
}

func TestBankNames(t *testing.T) {
	t.Parallel()
	p, err := Load([]byte(small + bankPart))
	if err != nil {
		t.Fatal(err)
	}
	f := p.File
	for known, want := range map[string][2]string{
		"甲行": {"甲银行", "甲银行"}, "甲银行": {"甲银行", "甲银行"}, "乙行": {"乙银行", "丙银行"}, "丁行": {"丁行", "丁行"}, "": {"", ""},
	} {
		if got := [2]string{f.BankName(known), f.PayingBank(known)}; got != want {
			t.Errorf("%q: %v, want %v", known, got, want)
		}
	}
	if s := f.ShapeOf("甲行"); s == nil || s.Name.Value != "定长" || s.MaxRows() != packfile.MaxBankRows {
		t.Errorf("shape %+v", s)
	}
	if f.ShapeOf("乙银行") != nil || f.ShapeOf("丁行").MaxRows() != packfile.MaxBankRows {
		t.Error("a bank without a shape has one")
	}
}

// A column 项目 is written with what the item pays is called, and that is what must fit.
func TestItemColumnHoldsWhatIsPaid(t *testing.T) {
	t.Parallel()
	body, _ := change(t, small+bankPart, "{field: 摘要, width: 60}", "{field: 项目, width: 30}")
	if _, err := Load([]byte(body)); err != nil {
		t.Fatal(err)
	}
	body, _ = change(t, body, "pay: {", "pay: {name: 高龄老人生活津贴补助资金发放项目, ")
	if ps := problems(t, body); !slices.ContainsFunc(ps, func(p packfile.Problem) bool { return strings.Contains(p.Sentence, "“项目”的 width 不够") }) {
		t.Errorf("problems %v", ps)
	}
}
