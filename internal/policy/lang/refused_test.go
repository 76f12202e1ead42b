package lang_test

import (
	"strings"
	"testing"

	"disburse/internal/policy/lang"
)

// refusal is a source with the one error it must give. A caret in the source, which is
// taken out, marks the place.
type refusal struct {
	source, sentence string
}

func refuse(t *testing.T, want lang.Type, cases []refusal) {
	t.Helper()
	for _, c := range cases {
		before, after, marked := strings.Cut(c.source, "‸")
		if !marked {
			t.Fatalf("%q has no mark", c.source)
		}
		line := strings.Count(before, "\n") + 1
		col := len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1
		source := before + after
		x, errs := lang.Compile(source, scope{}, nil, want)
		if x != nil || len(errs) != 1 {
			t.Errorf("%s: got %v, want one error …%s…", source, errs, c.sentence)
			continue
		}
		if e := errs[0]; e.Line != line || e.Col != col || !strings.Contains(e.Sentence, c.sentence) {
			t.Errorf("%s: got %v, want %d:%d …%s…", source, e, line, col, c.sentence)
		}
	}
}

// The traps of the parser, closed by name: what it takes but reads otherwise than people do.
func TestTraps(t *testing.T) {
	refuse(t, lang.Bool, []refusal{
		{`‸not 特困 == "分散"`, "not 会先与紧跟的名称结合"},
		{`特困 == ‸not 低保`, "not 会先与紧跟的名称结合"},
		{`低保 and ‸not 年龄 >= 60`, "not 会先与紧跟的名称结合"},
		{`not 特困 ‸in ["分散"]`, "“in”请写成"},
		{`not "精神" ‸in 残疾类别`, "“in”请写成"},
		{"年龄 >= ‸1.30", "十进制整数"},
		{"年龄 >= ‸1.", "十进制整数"},
		{"年龄 >= ‸.5", "十进制整数"},
		{"年龄 >= ‸0x10", "十进制整数"},
		{"年龄 >= ‸0b1", "十进制整数"},
		{"年龄 >= ‸0o7", "十进制整数"},
		{"年龄 >= ‸1_000", "十进制整数"},
		{"年龄 >= ‸1e3", "十进制整数"},
		{"‸1E3 < 年龄", "十进制整数"},
		{"年龄 >= ‸060", "不能以 0 开头"},
		{"年龄>=‸060", "不能以 0 开头"},
		{"‸60 <= 年龄 <= 80", "不能连续比较"},
		{"(60) <= 年龄 ‸<= 80", "不能连续比较"},
		{"60 <= (年龄) ‸<= 80", "不能连续比较"},
		{`低保 and ‸特困 == "分散" == "集中"`, "不能连续比较"},
		{"年龄 >= 60 ‸// 满六十", "不能写注释"},
		{"年龄 >= 60 ‸# 满六十", "不能写注释"},
		{"年龄 >= 60 ‸/* 满六十 */", "不能写注释"},
		{"年龄 >= 60 and\n  ‸// 满六十\n  低保", "不能写注释"},
		{"18‸-1", "不支持运算符“-”"},
		{"‸granted(18-1) > 0", "granted 要写一个带引号的项目编号"},
	})
	refuse(t, lang.Number, []refusal{
		{"‸granted(18-1)", "granted 要写一个带引号的项目编号"},
		{"18‸-1", "两个数字相减不是项目编号"},
		{"‸1.3 * 低保标准", "十进制整数"},
		{"低保标准 * ‸1.3", "十进制整数"},
		{"低保标准 * ‸01", "不能以 0 开头"},
	})
}

// Absent values: what would surprise needs its guard, on the same line and before it.
func TestUnguarded(t *testing.T) {
	refuse(t, lang.Bool, []refusal{
		{`‸特困 != "分散"`, "请先写 known(特困)"},
		{`‸特困 not in ["分散"]`, "请先写 known(特困)"},
		{`"精神" not in ‸残疾类别`, "请先写 known(残疾类别)"},
		{`known(特困) or ‸特困 != "分散"`, "请先写 known(特困)"},
		{`not known(特困) and ‸特困 != "分散"`, "请先写 known(特困)"},
		{`‸特困 != "分散" and known(特困)`, "请先写 known(特困)"},
		{`(known(特困) or 低保) and ‸特困 != "分散"`, "请先写 known(特困)"},
		{`(known(特困) or 特困 in ["分散"]) and 低保 and known(自理能力) and ‸残疾类别 != "分散"`, "请先写 known(残疾类别)"},
		{"‸机构月收费 != 0", "请先写 known(机构月收费)"},
		{"0 != ‸机构月收费", "请先写 known(机构月收费)"},
		{"‸机构月收费 + 1 > 0", "请先写 known(机构月收费)"},
		{"known(低保月金额) and 低保标准 < 低保月金额 + ‸机构月收费", "请先写 known(机构月收费)"},
		{"‸照料护理倍数 > 1", "请先写 known(自理能力)"},
		{"‸照料护理倍数 != 1", "请先写 known(自理能力)"},
		{"known(特困) and ‸照料护理倍数 > 1", "请先写 known(自理能力)"},
	})
	refuse(t, lang.Number, []refusal{
		{"‸机构月收费", "请先写 known(机构月收费)，或列入 needs"},
		{"低保标准 - ‸机构月收费", "请先写 known(机构月收费)，或列入 needs"},
		{"max(0,\n    ‸机构月收费)", "请先写 known(机构月收费)，或列入 needs"},
		{"‸照料护理倍数 * 低保标准", "请先写 known(自理能力)，或列入 needs"},
	})
}

// And, or, not join flags; comparisons take two of a kind; amounts are numbers.
func TestTypes(t *testing.T) {
	refuse(t, lang.Bool, []refusal{
		{"‸特困", "“特困”是文字，不能单独作条件；要问是否登记请写 known(特困)"},
		{"低保 and ‸残疾类别", "“残疾类别”是多值，不能单独作条件；要问是否登记请写 known(残疾类别)"},
		{"低保 or ‸机构月收费", "“机构月收费”是数值，不能单独作条件；要问是否登记请写 known(机构月收费)"},
		{"not ‸年龄", "“年龄”是数值，不能单独作条件"},
		{"‸-低保", "此处应为条件，不支持“-”"},
		{"低保 and ‸60", "此处应为条件（是非），不是数值"},
		{`‸"分散"`, "此处应为条件（是非），不是文字"},
		{`低保 and not ‸"分散"`, "此处应为条件（是非），不是文字"},
		{"年龄 ‸+ 1", "不支持运算符“+”"},
		{"‸max(1, 2)", "此处应为条件（是非），不是数值"},
		{"‸true", "不能恒为 true 或 false"},
		{"低保 or ‸false", "不能恒为 true 或 false"},
		{"低保 == ‸true", "不支持这种写法"},
		{"‸nil", "此处应为条件"},
		{"低保 ‸== 低保边缘", "是非不能比较"},
		{`残疾类别 ‸== 残疾类别`, "多值不能比较"},
		{`特困 ‸== 1`, "左边是文字，右边是数值"},
		{`年龄 ‸>= "60"`, "左边是数值，右边是文字"},
		{`残疾类别 ‸== "精神"`, "左边是多值，右边是文字"},
		{`低保 ‸== "是"`, "左边是是非，右边是文字"},
		{`特困 ‸< "分散"`, "文字只能用 == 或 != 比较"},
		{`特困 ‸== 入住机构`, `文字比较请写成 事实 == "值"`},
		{`"分散" ‸== 特困`, `文字比较请写成 事实 == "值"`},
		{"年龄 > ‸-5", "数值前不能写“-”"},
		{"年龄 > ‸+5", "数值前不能写“+”"},
		{"年龄 > max(1, ‸低保)", "“低保”是是非，此处应为数值"},
		{"年龄 > 低保标准 + ‸特困", "“特困”是文字，此处应为数值"},
		{`‸年龄 in ["60"]`, "“年龄”是数值，此处应为文字"},
		{`‸残疾类别 in ["精神"]`, "“残疾类别”是多值，此处应为文字"},
		{`"分散" in ‸特困`, "“特困”是文字，此处应为多值"},
		{`"是" in ‸["是"]`, "“in”右边应为多值事实的名称"},
		{`特困 ‸in []`, "“in”请写成"},
		{`特困 ‸in 残疾类别`, "“in”请写成"},
		{`特困 in ["分散", ‸入住机构]`, "列表里只能是带双引号的文字"},
		{`特困 in [‸1]`, "列表里只能是带双引号的文字"},
	})
	refuse(t, lang.Number, []refusal{
		{"‸低保", "“低保”是是非，此处应为数值"},
		{`‸"70"`, "此处应为数值，不是文字"},
		{"年龄 ‸>= 60", "不支持运算符“>=”，计算中可用 + - *"},
		{"低保标准 ‸/ 3", "不支持运算符“/”，计算中可用 + - *"},
		{"低保标准 ‸% 3", "不支持运算符“%”"},
		{"低保标准 ‸** 2", "不支持运算符“**”"},
		{"低保标准 ‸^ 2", "不支持运算符“^”"},
		{"18‸-1", "编号要写在引号里"},
		{"低保标准 + (23‸-2)", "编号要写在引号里"},
		{"‸-低保标准", "数值前不能写“-”"},
		{"低保标准 + ‸not 低保", "数值前不能写“not”"},
		{"‸known(特困)", "不支持函数“known”"},
		{"‸max(低保标准)", "max 至少要两个数"},
		{"‸min()", "min 至少要两个数"},
		{"‸[1, 2]", "此处应为数值，不是这种写法"},
	})
	refuse(t, 0, []refusal{
		{"‸特困", "此处应为条件或数值，不是文字"},
		{"‸残疾类别", "此处应为条件或数值，不是多值"},
		{`‸"分散"`, "此处应为条件或数值，不是文字"},
		{"‸不存在", "不认识的名称“不存在”"},
		{"‸len(特困)", "不支持函数“len”"},
		{"‸abs(1)", "不支持函数“abs”"},
		{"‸自定(1)", "不支持函数“自定”"},
	})
}

// The hint to ask known() is given only where known() can be asked.
func TestHints(t *testing.T) {
	for source, hint := range map[string]bool{"特困": true, "机构月收费": true, "年龄": false, "低保标准": false, "照料护理倍数": false} {
		_, errs := lang.Compile(source, scope{}, nil, lang.Bool)
		if len(errs) != 1 || strings.Contains(errs[0].Sentence, "known(") != hint {
			t.Errorf("%s: %v", source, errs)
		}
	}
}

// Values that a fact can never have, names and items that are not there.
func TestUnknown(t *testing.T) {
	refuse(t, lang.Bool, []refusal{
		{"‸经挤困难", "不认识的名称“经挤困难”"},
		{"低保 or ‸$env", "不认识的名称“$env”"},
		{"‸１ > 年龄", "不认识的名称“１”"},
		{`‸经挤困难 == "是"`, "不认识的名称“经挤困难”"},
		{"年龄 > ‸标准_2026", "不认识的名称“标准_2026”"},
		{`"精神" in ‸残疾类型`, "不认识的名称“残疾类型”"},
		{`‸残疾等级 in ["一级"]`, "不认识的名称“残疾等级”"},
		{"known(‸残疾等级)", "不认识的名称“残疾等级”"},
		{`特困 == ‸"散居"`, "“特困”没有“散居”这个值，可用的有：分散、集中"},
		{`特困 == ‸""`, "“特困”没有“”这个值"},
		{`特困 in ["分散", ‸"集中 "]`, "“特困”没有“集中 ”这个值"},
		{`known(特困) and 特困 != ‸"散居"`, "“特困”没有“散居”这个值"},
		{`‸"精 神" in 残疾类别`, "“残疾类别”没有“精 神”这个值"},
		{`‸granted("99") > 0`, "granted 引用的项目“99”不在清单里"},
		{`‸granted("9") > 0`, "granted 引用的项目“9”不发钱"},
		{`‸granted("15") > 0`, "granted 不能问本项目“15”自己"},
		{`‸granted("here") > 0`, "此处不能写 granted(\"here\")：它只能写在项目的 when、unless、pay.when 和 amount 的 is 里"},
		{`‸granted("") > 0`, "granted 要写一个带引号的项目编号"},
		{`‸granted("18-1", "23-1") > 0`, "granted 要写一个带引号的项目编号"},
		{`‸granted(低保标准) > 0`, "granted 要写一个带引号的项目编号"},
		{"known(‸低保)", "不是可能未登记的事实"},
		{"known(‸年龄)", "不是可能未登记的事实"},
		{"known(‸低保标准)", "不是可能未登记的事实"},
		{"known(‸照料护理倍数)", "不是可能未登记的事实"},
		{`‸known("特困")`, "括号里只能是一个名称"},
		{"‸known()", "known 要写一个名称"},
		{"‸known(特困, 自理能力)", "known 要写一个名称"},
		{"低保 and ‸现在()", "条件中只能调用 known(名称)，不支持“现在”"},
		{"年龄 > ‸abs(1)", "不支持函数“abs”，可用 min 和 max"},
		{"年龄 > ‸自定(1)", "不支持函数“自定”"},
	})
	// Both names are wrong: both are said.
	if _, errs := lang.Compile("甲 and 乙", scope{}, nil, lang.Bool); len(errs) != 2 || errs[0].Col != 1 || errs[1].Col != 7 {
		t.Errorf("two unknown names: %v", errs)
	}
}

// Everything else that the parser takes, and what it does not take.
func TestOutsideTheSubset(t *testing.T) {
	refuse(t, lang.Bool, []refusal{
		{"‸", "表达式是空的"},
		{"‸ \n\t ", "表达式是空的"},
		{"低保 ‸&& 低保边缘", "请用 and"},
		{"低保 ‸|| 低保边缘", "请用 or"},
		{"‸!低保", "请用 not"},
		{"低保 ‸| 低保边缘", "不支持“|”"},
		{"入住机构 == ‸'甲'", "请用双引号"},
		{"入住机构 == ‸`甲`", "请用双引号"},
		{"低保‸; 低保边缘", "一处只能写一个表达式"},
		{"‸::known(特困)", "不支持“::”"},
		{"低保 ‸? 低保边缘 : 低保", "不支持条件和区间写法"},
		{"低保 ‸?? 低保边缘", "不支持条件和区间写法"},
		{"年龄 in 60‸..79", "不支持条件和区间写法"},
		{"‸if 低保 { 低保 } else { 低保边缘 }", "不是这种写法"},
		{"低保.‸甲", "不是这种写法"},
		{`残疾类别‸[0] == "精神"`, "不支持这种写法"},
		{"‸[低保]", "不是这种写法"},
		{"‸{甲: 低保}", "不是这种写法"},
		{`入住机构 ‸contains "甲"`, "不支持运算符“contains”"},
		{`入住机构 ‸startsWith "甲"`, "不支持运算符“startsWith”"},
		{`入住机构 ‸matches "甲"`, "不支持运算符“matches”"},
		{`not (入住机构 ‸matches "甲")`, "不支持运算符“matches”"},
		{`‸all(残疾类别, true)`, "此处应为条件"},
		{`‸b"甲" == 入住机构`, "不支持这种写法"},
	})
}

// What cannot be read at all is placed where the reading broke off.
func TestSyntax(t *testing.T) {
	refuse(t, lang.Bool, []refusal{
		{"低保 ‸= 低保边缘", "写法有误"},
		{"低保 ‸低保边缘", "写法有误"},
		{"低保‸，低保边缘", "写法有误"},
		{"‸（低保）", "写法有误"},
		{"年龄 ‸≥ 60", "写法有误"},
		{"低保 and ‸or 低保边缘", "写法有误"},
		{"低保 an‸d", "写法有误"},
		{"(低‸保", "写法有误"},
		{"低保‸)", "写法有误"},
		{"低保 and\n  (低保边缘‸]", "写法有误"},
		{`入住机构 == "甲‸`, "写法有误"},
		{`入住机构 == "\‸q"`, "写法有误"},
		{"入住机构 == \"甲‸\n乙\"", "写法有误"},
		{"低保 and ‸\xff", "写法有误"},
		{"年龄 > 999999999999999999999‸9", "写法有误"},
		{"let 甲 = ‸1", "写法有误"},
	})
}

// Brackets are walked by recursion, in the parser and here: what is too long to be a
// rule is refused before that, and what is not too long must not exhaust the stack.
func TestDepth(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("(", n) + "低保" + strings.Repeat(")", n) }
	compile(t, nested(1900), lang.Bool)
	compile(t, strings.Repeat("not ", 900)+"低保", lang.Bool)
	compile(t, "低保"+strings.Repeat(" and 低保", 500), lang.Bool)
	compile(t, "1"+strings.Repeat("+1", 1900), lang.Number)
	refuse(t, lang.Bool, []refusal{
		{"‸" + nested(2000), "超过 4000 个字"},
		{"‸" + strings.Repeat("(", 5_000_000), "超过 4000 个字"},
		{"‸" + strings.Repeat("not ", 5_000_000) + "低保", "超过 4000 个字"},
	})
}

// A name whose own expression has an error was reported there; what uses it is not
// blamed as well.
func TestFailedNameIsNotBlamedTwice(t *testing.T) {
	for _, source := range []string{"未编译", "not 未编译", "未编译 > 1", "未编译 + 1 > 2", `未编译 == "甲"`} {
		if _, errs := lang.Compile(source, scope{}, nil, lang.Bool); len(errs) > 0 {
			t.Errorf("%s: %v", source, errs)
		}
	}
}
