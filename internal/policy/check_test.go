package policy

import (
	"slices"
	"strings"
	"testing"

	"disburse/internal/policy/packfile"
)

// Every check of a pack, each with the one problem it gives and its place. A plus
// before the sentence: other problems follow from this one.
func TestChecks(t *testing.T) {
	type check struct{ name, old, with, sentence string }
	parts := map[string][]check{
		"head": {
			{"language", "language: 1", "language: ‸2", "language 应为 1"},
			{"no language", "language: 1\n", "‸", "language 应为 1"},
			{"region of letters", `region: "140213"`, `region: ‸"14021X"`, "六位行政区划代码"},
			{"region of five digits", `region: "140213"`, "region: ‸14021", "六位行政区划代码"},
			{"no district", "district: 示例区\n", "", "缺少 district"},
			{"empty district", "district: 示例区", `district: ‸""`, "缺少 district"},
			{"no title", "title: 示例清单\n", "", "缺少 title"},
			{"no items", small[strings.Index(small, "items:\n"):], "", "没有项目 items"},
			{"street twice", "[甲街, 乙街]", "[甲街, 乙街, ‸甲街]", "街道“甲街”重复"},
		},
		"bureaus": {
			{"no name", "{name: 区卫体局, code: WT}", "{name: 区卫体局, code: WT}\n  - ‸{code: XX}", "缺少单位名称 name"},
			{"no code", "{name: 区卫体局, code: WT}", "‸{name: 区卫体局}", "2 到 6 个大写英文字母"},
			{"lower case", "code: WT", "code: ‸wt", "2 到 6 个大写英文字母"},
			{"one letter", "code: WT", "code: ‸W", "2 到 6 个大写英文字母"},
			{"same name", "{name: 区卫体局, code: WT}", "{name: 区卫体局, code: WT}\n  - {name: ‸区民政局, code: XX}", "“区民政局”重复"},
			{"same code", "code: WT", "code: ‸MZ", "“MZ”重复"},
			{"slash", "{name: 区卫体局, code: WT}", "{name: 区卫体局, code: WT}\n  - {name: ‸区/县局, code: XX}", "不能含"},
			{"parent folder", "{name: 区卫体局, code: WT}", "{name: 区卫体局, code: WT}\n  - {name: ‸.., code: XX}", "不能以 . 开头"},
			{"separator of two bureaus", "{name: 区卫体局, code: WT}", "{name: 区卫体局, code: WT}\n  - {name: ‸甲、乙, code: XX}", "不能含"},
			{"control character", "{name: 区卫体局, code: WT}", "{name: 区卫体局, code: WT}\n  - {name: ‸\"甲\\t乙\", code: XX}", "不能含"},
		},
		"facts": {
			{"unknown type", "{name: 停发, type: text}", "{name: 停发, type: text}\n  - {name: 新, type: ‸number}", "type 应为 flag"},
			{"no type", "{name: 停发, type: text}", "{name: 停发, type: text}\n  - ‸{name: 新}", "type 应为 flag"},
			{"no name", "{name: 停发, type: text}", "{name: 停发, type: text}\n  - ‸{type: flag}", "名称“”不能用"},
			{"choice without values", "{name: 停发, type: text}", "{name: 停发, type: text}\n  - {name: ‸新, type: choice}", "要列出 values"},
			{"flag with values", "{name: 停发, type: text}", "{name: 停发, type: text}\n  - {name: ‸新, type: flag, values: [是]}", "要列出 values"},
			{"unit of a flag", "{name: 停发, type: text}", "{name: 停发, type: text}\n  - {name: 新, type: flag, unit: ‸人}", "unit（单位）只用于 amount"},
			{"words without the value", "{name: 停发, type: text}", "{name: 停发, type: text, public: ‸停发}", "public 要含 {值}"},
			{"words of a flag with a value", "{name: 停发, type: text}", "{name: 停发, type: text}\n  - {name: 新, type: flag, public: ‸\"新{值}\"}", "public 要含 {值}（flag 类事实没有值，不写它）"},
			{"value twice", "values: [智力, 精神]", "values: [智力, 精神, ‸智力]", "值“智力”重复"},
			{"value for none", "values: [智力, 精神]", "values: [智力, 精神, ‸无]", "值“无”重复或不能用"},
			{"value of two", "values: [智力, 精神]", "values: [智力, 精神, ‸肢体、听力]", "不能用"},
			{"empty value", "values: [智力, 精神]", `values: [智力, 精神, ‸""]`, "不能用"},
			{"name twice", "{name: 停发, type: text}", "{name: 停发, type: text}\n  - {name: ‸低保, type: flag}", "名称“低保”重复"},
			{"name of the age", "{name: 停发, type: text}", "{name: 停发, type: text}\n  - {name: ‸年龄, type: flag}", "名称“年龄”重复"},
			{"name with a space", "{name: 停发, type: text}", "{name: 停发, type: text}\n  - {name: ‸低 保, type: flag}", "名称“低 保”不能用"},
			{"name with a digit first", "{name: 停发, type: text}", "{name: 停发, type: text}\n  - {name: ‸2类, type: flag}", "名称“2类”不能用"},
			{"name that no expression can say", "{name: 停发, type: text}", "{name: 停发, type: text}\n  - {name: ‸类①, type: flag}", "名称“类①”不能用"},
			{"reserved word", "{name: 停发, type: text}", "{name: 停发, type: text}\n  - {name: ‸not, type: flag}", "名称“not”不能用"},
			{"operator of the parser", "{name: 停发, type: text}", "{name: 停发, type: text}\n  - {name: ‸contains, type: flag}", "名称“contains”不能用"},
			{"name of the person", "{name: 停发, type: text}", "{name: 停发, type: text}\n  - {name: ‸本人, type: flag}", "名称“本人”不能用"},
		},
		"rates": {
			{"no values", "derived:\n", "  - name: ‸新\n    unit: 元\nderived:\n", "标准“新”没有值"},
			{"no from", "{from: 2025-01, value: 80, source: 乙文}", "‸{value: 80, source: 乙文}", "都要写 from"},
			{"no source", "{from: 2025-01, value: 80, source: 乙文}", "{from: 2025-01, value: ‸80}", "都要写 source"},
			{"no value", "{from: 2025-01, value: 80, source: 乙文}", "{from: ‸2025-01, source: 乙文}", "缺少 value"},
			{"under its floor", "value: 70, floor: 70", `value: ‸"69.999999", floor: 70`, "69.999999 低于下限 70"},
			{"ends before it begins", "{from: 2025-01, value: 80", "{from: ‸2025-01, to: 2024-12, value: 80", "起始月晚于终止月"},
			{"by an unknown name", "by: 供养", "by: ‸供给", "by 应为年龄、一个事实或派生的是非名称"},
			{"by a rate", "by: 供养", "by: ‸标准", "by 应为年龄、一个事实或派生的是非名称"},
			{"by several values", "by: 供养", "by: ‸类别", "by 只能是年龄、单选事实或是非"},
			{"by a text", "by: 供养", "by: ‸机构", "by 只能是年龄、单选事实或是非"},
			{"by an amount", "by: 供养", "by: ‸收费", "by 只能是年龄、单选事实或是非"},
			{"by a derived number", "by: 困难", "by: ‸生活费", "by 应为是非，“生活费”不是"},
			{"when without by", "{from: 2025-01, value: 80", "{from: 2025-01, when: ‸80-, value: 80", "没有 by，不能写 when"},
			{"no band", "{from: 2024-01, when: 80-, value: 70", "{from: 2024-01, value: ‸70", "when 应为年龄段"},
			{"wrong band", "when: 80-,", "when: ‸80+,", "when 应为年龄段"},
			{"backward band", "when: 60-79", "when: ‸79-60", "when 应为年龄段"},
			{"band without beginning", "when: 60-79", "when: ‸-79", "when 应为年龄段"},
			{"band beyond life", "when: 80-,", "when: ‸80-201,", "when 应为年龄段"},
			{"flag case", "{from: 2024-01, when: 是, value: 2, source: 甲文}", "{from: 2024-01, when: 是, value: 2, source: 甲文}\n      - {from: 2024-01, when: ‸有, value: 3, source: 甲文}", "+when 应为 是 或 否"},
			{"no choice", "{from: 2024-01, when: 分散, value: \"1.3\", source: 甲文}", "{from: 2024-01, when: 分散, value: \"1.3\", source: 甲文}\n      - {from: 2024-01, value: ‸1, source: 甲文}", "“”不是“供养”的值"},
			{"unknown choice", "{from: 2024-01, when: 分散, value: \"1.3\", source: 甲文}", "{from: 2024-01, when: 分散, value: \"1.3\", source: 甲文}\n      - {from: 2024-01, when: ‸散居, value: 1, source: 甲文}", "“散居”不是“供养”的值"},
		},
		"derived": {
			{"no name", "  - name: 困难\n    is: 低保 or known(供养)", "  - name: 困难\n    is: 低保 or known(供养)\n  - ‸is: 低保", "名称“”不能用"},
			{"same name as a fact", "  - name: 生活费", "  - {name: ‸低保, is: known(供养)}\n  - name: 生活费", "名称“低保”重复"},
			{"nothing", "  - name: 生活费", "  - name: ‸无物\n  - name: 生活费", "派生“无物”没有 is"},
			{"empty expression", "is: 低保 or known(供养)", `is: ‸""`, "表达式是空的"},
			{"no expression", "{to: 2024-12, is: 标准 * 2}", "‸{to: 2024-12}", "表达式是空的"},
			{"versions of two types", "{to: 2024-12, is: 标准 * 2}", "{to: 2024-12, is: 标准 * 2}\n      - {from: 2026-01, is: ‸低保}", "+“低保”是是非，此处应为数值"},
			{"text", "is: 低保 or known(供养)", "is: ‸供养", "此处应为条件或数值，不是文字"},
			{"itself", "is: 低保 or known(供养)", "is: ‸困难 or 低保", "循环"},
			{"granted", "is: 标准 * 2}", "is: ‸granted(\"1\")}", "此处不能写 granted(\"1\")：它只能写在项目的 when、unless、pay.when 和 amount 的 is 里"},
			{"optional number", "is: 标准 * 2}", "is: ‸收费}", "“收费”可能未登记"},
		},
		"items": {
			{"no code", `- code: "1"` + "\n    name", `- name`, "+应为清单序号"},
			{"code of letters", `code: "2"`, `code: ‸"2a"`, "+应为清单序号"},
			{"code of four digits", "items:\n", "items:\n  - {code: ‸\"1000\", name: 甲, bureaus: [区民政局], when: [低保], list: full}\n", "应为清单序号"},
			{"code twice", "items:\n", "items:\n  - {code: \"9\", name: 甲, bureaus: [区民政局], when: [低保], list: full}\n  - {code: ‸\"9\", name: 甲, bureaus: [区民政局], when: [低保], list: full}\n", "“9”重复"},
			{"no name", "    name: 高龄\n", "", "缺少项目名称 name"},
			{"no words for whom", "    name: 高龄\n", "    name: 高龄\n    public: ‸{what: 津贴}\n", "缺少服务对象 public.who"},
			{"no words for what", "    name: 高龄\n", "    name: 高龄\n    public: ‸{who: 老人}\n", "缺少服务内容 public.what"},
			{"too many words", "    name: 高龄\n", "    name: 高龄\n    public: {who: 老人, what: ‸" + strings.Repeat("发", 61) + "}\n", "超过 60 个字"},
			{"an expression for citizens", "    name: 高龄\n", "    name: 高龄\n    public: {who: ‸年龄 >= 80, what: 津贴}\n", "不用表达式和符号"},
			{"no bureaus", "    name: 高龄\n    bureaus: [区民政局]\n", "    name: 高龄\n", "没有写牵头单位"},
			{"unknown bureau", "[区卫体局, 区民政局]", "[区卫体局, ‸区民政]", "“区民政”没有在 bureaus 里列出"},
			{"two that pay", "name: 高龄\n    bureaus: [区民政局]", "name: 高龄\n    bureaus: [区民政局, ‸区卫体局]", "只能有一个单位"},
			{"presence", "    name: 高龄\n", "    name: 高龄\n    presence: ‸nowhere\n", "presence 不能是“nowhere”"},
			{"reads", "    name: 高龄\n", "    name: 高龄\n    reads: ‸last_day\n", "reads 不能是“last_day”"},
			{"list", "list: full", "list: ‸all", "list 不能是“all”"},
			{"ends before it begins", "    name: 高龄\n", "    name: 高龄\n    from: ‸2025-02\n    to: 2025-01\n", "项目 1 的起始月晚于终止月"},
			{"no conditions", "    when: [年龄 >= 80]\n", "", "没有 when"},
			{"neither list nor money", "items:\n", "items:\n  - {code: ‸\"9\", name: 甲, bureaus: [区民政局], when: [低保]}\n", "既不列名册（list）也不发钱（pay）"},
			{"detail without list", "    list: full\n    detail:\n", "    pay: {amount: 标准, fund: 资金}\n    detail:\n", "+没有 list，不能写 detail"},
			{"detail of two", "{if: known(机构), fact: 机构}", "‸{if: known(机构), fact: 机构, text: 甲}", "text、value、fact 中的一个"},
			{"detail of none", "{if: known(机构), fact: 机构}", "‸{if: known(机构)}", "text、value、fact 中的一个"},
			{"detail of another fact", "fact: 机构}\n      - {value", "fact: ‸低保}\n      - {value", "“低保”不是文字类的事实"},
			{"detail of a rate", "fact: 机构}\n      - {value", "fact: ‸标准}\n      - {value", "“标准”不是文字类的事实"},
			{"detail that is no number", "{value: 探访}", "{value: ‸低保}", "“低保”是是非，此处应为数值"},
			{"condition ends before it begins", "      - known(供养)\n", "      - {from: ‸2025-02, to: 2025-01, is: known(供养)}\n", "+条件的起始月晚于终止月"},
			{"condition without expression", "      - known(供养)\n", "      - ‸{from: 2025-02}\n", "+表达式是空的"},
			{"granted of itself", "      - 年龄 >= 60\n      - known(供养)\n", "      - ‸granted(\"4-1\") == 0\n      - known(供养)\n", "granted 不能问本项目“4-1”自己"},
			{"granted of a list item", "      - 年龄 >= 60\n      - known(供养)\n", "      - ‸granted(\"2\") == 0\n      - known(供养)\n", "granted 引用的项目“2”不发钱"},
			{"granted in a detail", "{value: 探访}", `{value: ‸granted("1")}`, "只能写在项目的 when、unless、pay.when 和 amount 的 is 里"},
			{"guard with months", "      - known(供养)\n    unless", "      - {from: 2024-01, is: known(供养)}\n      - ‸供养 != \"分散\"\n      - known(供养)\n    unless", "请先写 known(供养)"},
			{"guard after", "      - known(供养)\n    unless", "      - ‸供养 != \"分散\"\n      - known(供养)\n    unless", "请先写 known(供养)"},
			{"guard in another unless", "    unless: [known(机构)]", "    unless: [known(收费), ‸收费 + 1 > 2]", "请先写 known(收费)"},
			{"guard of when for unless", "    unless: [known(机构)]", "    unless: [‸供养 != \"分散\"]", "请先写 known(供养)"},
		},
		"pay": {
			{"nothing to pay", "pay: {amount: 标准, fund: 资金}", "pay: {fund: 资金}", "amount 或 determined: true 中的一个"},
			{"both", "pay: {amount: 标准, fund: 资金}", "pay: {amount: 标准, determined: true, fund: 资金}", "amount 或 determined: true 中的一个"},
			{"no fund", "pay: {amount: 标准, fund: 资金}", "pay: {amount: 标准}", "缺少资金来源 fund"},
			{"needs a flag", "needs: [收费]", "needs: [收费, ‸低保]", "needs 里的“低保”不是可能未登记的事实"},
			{"needs a rate", "needs: [收费]", "needs: [收费, ‸供养倍数]", "needs 里的“供养倍数”"},
			{"needs what is not there", "needs: [收费]", "needs: [收费, ‸收钱]", "needs 里的“收钱”"},
			{"last case with if", "- is: 收费 - min", "- if: ‸低保\n          is: 收费 - min", "最后一个 amount 不能带 if"},
			{"months without a case", "pay: {amount: 标准, fund: 资金}", "pay: {amount: [{to: 2024-12, is: 标准}, {from: 2025-03, is: 标准}], fund: 资金}", "+amount 从 2025-01 到 2025-02 没有有效的一条"},
			{"the item begins before its amount", "pay: {amount: 标准, fund: 资金}", "from: 2024-06\n    pay: {amount: [{from: 2024-08, is: 标准}], fund: 资金}", "+amount 从 2024-06 到 2024-07 没有有效的一条"},
			{"the item goes on after its amount", "pay: {amount: 标准, fund: 资金}", "to: 2025-06\n    pay: {amount: [{to: 2025-04, is: 标准}], fund: 资金}", "+amount 从 2025-05 到 2025-06 没有有效的一条"},
			{"months with conditional cases alone", "pay: {amount: 标准, fund: 资金}", "pay: {amount: [{to: 2024-12, is: 标准}, {if: ‸低保, is: 标准 * 2}, {from: 2025-03, is: 标准}], fund: 资金}", "从 2025-01 起有效的最后一个 amount 不能带 if"},
			{"case ends before it begins", "- is: 收费 - min", "- from: ‸2025-02\n          to: 2025-01\n          is: 收费 - min", "金额的起始月晚于终止月"},
			{"case without amount", "- {if: 收费 > 1000, is: 收费 - 1000, check: 收费较高}", "- ‸{if: 收费 > 1000}", "表达式是空的"},
			{"amount that is a flag", "amount: 标准,", "amount: ‸低保,", "此处应为数值"},
			{"rate by a fact unguarded", "amount: 标准,", "amount: ‸供养倍数,", "请先写 known(供养)"},
			{"thirteenth month", "pay: {amount: 标准, fund: 资金}", "pay: {amount: 标准, fund: 资金, once_a_year_from: ‸13}", "1 到 12 月"},
			{"determined once a year", "{determined: true, payee", "{determined: true, once_a_year_from: ‸1, payee", "不能再写 once_a_year_from"},
			{"first of a formula", "pay: {amount: 标准, fund: 资金}", "pay: {amount: 标准, fund: 资金, first_only: ‸true}", "first_only 只用于核定金额"},
			{"payee of two kinds", "payee: {fact: 机构}", "payee: {fact: 机构, name: 甲院}", "payee 只能写一种"},
			{"payee determined of a formula", "pay: {amount: 标准, fund: 资金}", "pay: {amount: 标准, fund: 资金, payee: {determined: ‸true}}", "只用于核定金额"},
			{"payee required alone", "payee: {determined: true}", "payee: {required: ‸true}", "required 要和 determined: true 一起写"},
			{"payee of another fact", "payee: {fact: 机构}", "payee: {fact: ‸收费}", "“收费”不是文字类的事实"},
			{"payee perhaps unknown", "      - 年龄 >= 60\n      - known(机构)\n", "      - 年龄 >= 60\n", "收款单位“机构”可能未登记"},
		},
		"groups": {
			{"one item", `{items: ["4-1", "4-2"]}`, `‸{items: ["4-1"]}`, "至少要有两个项目"},
			{"no items", `{items: ["4-1", "4-2"]}`, `‸{source: 甲文}`, "至少要有两个项目"},
			{"unknown item", `{items: ["4-1", "4-2"]}`, `{items: ["4-1", "4-2", ‸"5"]}`, "“5”不存在"},
			{"item that does not pay", `{items: ["4-1", "4-2"]}`, `{items: ["4-1", "4-2", ‸"2"]}`, "“2”不发钱"},
			{"item twice", `{items: ["1", "4-1"], source: 甲文}`, `{items: ["1", "4-1", ‸"1"], source: 甲文}`, "“1”重复"},
			{"ends before it begins", `{items: ["1", "4-1"], source: 甲文}`, `{items: ["1", "4-1"], from: ‸2025-02, to: 2025-01}`, "组的起始月晚于终止月"},
		},
		"checks": {
			{"suspension by a flag", "suspension: 停发", "suspension: ‸低保", "“低保”不是文字类的事实"},
			{"suspension unknown", "suspension: 停发", "suspension: ‸停止", "“停止”不是文字类的事实"},
			{"conflict without name", "{name: 低保与供养, when: 低保 and known(供养)}", "{when: ‸低保 and known(供养)}", "缺少冲突的名称"},
			{"conflict without condition", "{name: 低保与供养, when: 低保 and known(供养)}", "‸{name: 低保与供养}", "表达式是空的"},
			{"conflict with granted", "when: 低保 and known(供养)}", "when: ‸granted(\"1\") > 0}", "此处不能写 granted"},
			{"conflict with a rate", "when: 低保 and known(供养)}", "when: ‸收费 > 标准}", "“标准”不是每个月都有值"},
			{"conflict with a derived number of rates", "when: 低保 and known(供养)}", "when: ‸收费 > 生活费}", "“标准”不是每个月都有值"},
		},
		"examples": {
			{"no name", "  - name: 高龄\n    why: 满八十\n    month: 2026-11", "  - why: 满八十\n    month: ‸2026-11", "缺少例子的名称"},
			{"no month", "    month: 2026-11\n", "", "要写 month 和 person.born"},
			{"no birth", "person: {born: 1940-01-01}", "person: {died: 2026-01-01}", "要写 month 和 person.born"},
			{"unknown fact", "facts: [低保,", "facts: [‸低宝,", "事实“低宝”不存在"},
			{"derived for a fact", "facts: [低保,", "facts: [‸困难,", "事实“困难”不存在"},
			{"flag with a value", "facts: [低保,", "facts: [{fact: 低保, value: ‸否},", "事实“低保”没有“否”这个值"},
			{"choice", "facts: [低保,", "facts: [{fact: 供养, value: ‸散居},", "事实“供养”没有“散居”这个值"},
			{"choice without value", "facts: [低保,", "facts: [‸供养,", "事实“供养”没有“”这个值"},
			{"one of several", "value: 智力、精神", "value: ‸智力、听力", "事实“类别”没有“智力、听力”这个值"},
			{"amount", `value: "10.50"`, "value: ‸十元", "事实“收费”没有“十元”这个值"},
			{"text without value", "facts: [低保,", "facts: [‸机构,", "事实“机构”没有“”这个值"},
			{"pays an unknown item", `pays: [{item: "1", amount: 80}`, `pays: [{item: ‸"7", amount: 80}`, "项目“7”不存在"},
			{"pays no amount", `pays: [{item: "1", amount: 80}`, `pays: [{item: ‸"1"}`, "要写 amount"},
			{"lists an unknown item", `lists: ["2"]`, `lists: ["2", ‸"7"]`, "项目“7”不存在"},
			{"gap of an unknown item", `lists: ["2"]`, `gaps: [‸"7"]`, "项目“7”不存在"},
			{"detail of an unknown item", `details: [{item: "2"`, `details: [{item: ‸"7"`, "项目“7”不存在"},
			{"determined of an unknown item", `determined: [{item: "3"`, `determined: [{item: ‸"7"`, "项目“7”不存在"},
			{"determined without amount", `determined: [{item: "3", amount: 500, first`, `determined: [{item: ‸"3", first`, "要写 amount 和 first"},
			{"determined without month", `determined: [{item: "3", amount: 500, first: 2026-11}`, `determined: [{item: ‸"3", amount: 500}`, "要写 amount 和 first"},
		},
	}
	for part, checks := range parts {
		t.Run(part, func(t *testing.T) {
			for _, c := range checks {
				t.Run(c.name, func(t *testing.T) {
					body, at := change(t, small, c.old, c.with)
					ps := problems(t, body)
					if !strings.Contains(c.with, "‸") {
						at = ps[0].Pos // of something missing there is only the part it is missing from
					}
					sentence, others := strings.CutPrefix(c.sentence, "+")
					if others {
						ps = slices.DeleteFunc(ps, func(p packfile.Problem) bool { return p.Pos != at })
					}
					wants(t, ps, at, sentence)
				})
			}
		})
	}
}

// No word of the language, and nothing that the parser reads as one, can be a name.
func TestReservedWords(t *testing.T) {
	for _, word := range strings.Fields("and or not in min max known granted true false nil let if else matches contains startsWith endsWith 本人") {
		body, at := change(t, small, "{name: 停发, type: text}", "{name: 停发, type: text}\n  - {name: ‸\""+word+"\", type: flag}")
		wants(t, problems(t, body), at, "名称“"+word+"”不能用")
	}
}

// What lies on the edge of a check and is allowed.
func TestAllowed(t *testing.T) {
	for name, c := range map[string][2]string{
		"value at its floor":            {"value: 70, floor: 70", `value: "70.000", floor: "70.0"`},
		"most places":                   {"value: 70, floor: 70", `value: "999999999999.999999"`},
		"zero":                          {"value: 70, floor: 70", "value: 0"},
		"whole number in quotes":        {"age_over: 110", `age_over: "110"`},
		"code without quotes":           {`code: "2"`, "code: 2"},
		"year from December":            {"pay: {amount: 标准, fund: 资金}", "pay: {amount: 标准, fund: 资金, once_a_year_from: 12}"},
		"year from January":             {"pay: {amount: 标准, fund: 资金}", "pay: {amount: 标准, fund: 资金, once_a_year_from: 1}"},
		"one month":                     {"    name: 高龄\n", "    name: 高龄\n    from: 2025-01\n    to: 2025-01\n"},
		"no groups":                     {"higher_of:\n  - {items: [\"1\", \"4-1\"], source: 甲文}\n", "higher_of: []\n"},
		"three in a group":              {`{items: ["4-1", "4-2"]}`, `{items: ["4-1", "4-2", "1"]}`},
		"two groups of one item":        {`{items: ["4-1", "4-2"]}`, `{items: ["4-1", "4-2"]}` + "\n  - " + `{items: ["1", "4-2"]}`},
		"conflict by derived facts":     {"when: 低保 and known(供养)}", "when: 低保 and 困难}"},
		"guard before":                  {"      - known(供养)\n    unless", "      - known(供养)\n      - 供养 != \"分散\"\n    unless"},
		"guard in the same line":        {"    unless: [known(机构)]", "    unless: [known(供养) and 供养 != \"分散\"]"},
		"guard for the amount":          {"when: [年龄 >= 80]\n    pay: {amount: 标准,", "when: [收费 > 0]\n    pay: {amount: 收费 * 2,"},
		"guard of pay.when":             {"pay: {amount: 标准,", "pay: {when: [收费 > 0], amount: 收费 * 2,"},
		"guard of a case":               {"- {if: 收费 > 1000, is: 收费 - 1000, check: 收费较高}", "- {if: known(供养), is: 供养倍数 * 收费}"},
		"guard of a detail":             {"{if: known(机构), fact: 机构}", "{if: known(供养), value: 供养倍数}"},
		"payee of pay.when":             {"      - known(机构)\n    pay:\n", "    pay:\n      when: [known(机构)]\n"},
		"payee of a choice":             {"payee: {fact: 机构}", "payee: {fact: 供养}\n      when: [known(供养)]"},
		"payee with needs":              {"needs: [收费]", "needs: [收费, 机构]"},
		"dated last case":               {"- is: 收费 - min", "- from: 2025-01\n          is: 收费 - min"},
		"bureau of two words":           {"{name: 区卫体局, code: WT}", "{name: 区卫体局, code: WT}\n  - {name: 区住建局（交通局）, code: ZJTONG}"},
		"several values of an example":  {"value: 智力、精神", "value: 精神"},
		"example without lists":         {"    lists: [\"2\"]\n", ""},
		"band of the oldest":            {"when: 80-,", "when: 80-200,"},
		"longest words for citizens":    {"    name: 高龄\n", "    name: 高龄\n    public: {who: " + strings.Repeat("老", 60) + ", what: 发放}\n"},
		"band of one year":              {"when: 80-,", "when: 80-80,"},
		"band beginning at birth":       {"when: 60-79", "when: 0-79"},
		"name with digits and dashes":   {"{name: 停发, type: text}", "{name: 停发, type: text}\n  - {name: 类_2ａ, type: flag}"},
		"condition in force for a time": {"      - known(供养)\n    unless", "      - known(供养)\n      - {from: 2025-01, to: 2025-06, is: 低保}\n    unless"},
	} {
		t.Run(name, func(t *testing.T) {
			body, _ := change(t, small, c[0], c[1])
			load(t, body)
		})
	}
}
