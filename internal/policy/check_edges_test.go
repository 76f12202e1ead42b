package policy

import (
	"slices"
	"strings"
	"testing"

	"disburse/internal/fault"
	"disburse/internal/policy/packfile"
)

// TestFirstDerivedNameIsChecked like all others: what it is, and in which months it has a value.
func TestFirstDerivedNameIsChecked(t *testing.T) {
	t.Parallel()
	number, _ := change(t, small, "derived:\n", "derived:\n  - {name: 双倍, is: 标准 * 2}\n")
	body, at := change(t, number, "    by: 困难\n", "    by: ‸双倍\n")
	ps := slices.DeleteFunc(problems(t, body), func(p packfile.Problem) bool { return p.Pos != at })
	wants(t, ps, at, "应为是非，“双倍”不是")
	dated, _ := change(t, small, "derived:\n", "derived:\n  - name: 曾低保\n    is:\n      - {from: 2025-01, is: 低保}\n")
	body, at = change(t, dated, "when: 低保 and known(供养)}", "when: ‸曾低保 and known(供养)}")
	wants(t, problems(t, body), at, "“曾低保”不是每个月都有值")
}

// TestOnePayee: a 核定金额 whose payee is named twice could be paid to either.
func TestOnePayee(t *testing.T) {
	t.Parallel()
	body, _ := change(t, small, "payee: {determined: true}", "payee: {determined: true, name: 区医保局}")
	ps := problems(t, body)
	if len(ps) != 1 || !strings.Contains(ps[0].Sentence, "payee 只能写一种") {
		t.Errorf("%v", ps)
	}
}

// TestConductSaysWhatIsAsked: of a pack with rules for those who sign, a sentence each; of one
// without, nothing.
func TestConductSaysWhatIsAsked(t *testing.T) {
	t.Parallel()
	if got := load(t, small).File.Conduct(); len(got) > 0 {
		t.Errorf("the small pack asks for %v", got)
	}
	var kinds []string
	for _, s := range load(t, strict(t)).File.Conduct() {
		kind, _, _ := strings.Cut(s, "：")
		kinds = append(kinds, kind)
	}
	if !slices.Equal(kinds, []string{"生存认证", "审批", "关账", "关账"}) {
		t.Errorf("%v", kinds)
	}
}

// TestMatchListByName: a list that the pack does not have is refused with those it has.
func TestMatchListByName(t *testing.T) {
	t.Parallel()
	if l, err := builtin(t).MatchList("公安"); err != nil || l.Name.Value != "公安" || !l.Missing() {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := builtin(t).MatchList("税务"); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "可用的有 死亡、公安") {
		t.Errorf("%v", err)
	}
	if _, err := load(t, small).MatchList("死亡"); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "没有比对名单") {
		t.Errorf("%v", err)
	}
}

// TestBankEdges: a csv file is separated by commas, said or not; a file may have as many
// rows as the system ever puts into one; a column 联行号 needs a code of every bank; a bank that pays for others is not paid for itself.
func TestBankEdges(t *testing.T) {
	t.Parallel()
	comma := strings.Replace(small+bankPart, "format: txt\n    encoding: UTF-8\n    separator: \"|\"", "format: csv\n    encoding: UTF-8\n    separator: \",\"", 1)
	for name, c := range map[string]struct{ body, says string }{
		"comma":              {comma, ""},
		"no separator":       {strings.Replace(comma, "    separator: \",\"\n", "", 1), ""},
		"semicolon":          {strings.Replace(comma, "separator: \",\"", "separator: \";\"", 1), "csv 的分隔符只能是逗号"},
		"most rows":          {strings.Replace(small+bankPart, "encoding: GBK", "encoding: GBK\n    rows: 5000", 1), ""},
		"code asked for":     {strings.Replace(small+bankPart, `code: "103100000026", `, "", 1), "请给银行“乙银行”补上 code"},
		"code not asked for": {strings.Replace(small+bankPart, `code: "102100099996", `, "", 1), ""},
		"chain": {strings.Replace(small+bankPart, "through: 丙银行}", "through: 丁银行}\n  - {name: 丁银行, through: 丙银行}", 1),
			"代发行“丁银行”自己也由别的银行代发"},
	} {
		if c.body == small+bankPart {
			t.Fatalf("%s: nothing changed", name)
		}
		_, err := Load([]byte(c.body))
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBandsThatShareAYearOrAMonth: of two values that both hold for somebody in some month
// nobody could say which is paid, in whatever order the pack has them.
func TestBandsThatShareAYearOrAMonth(t *testing.T) {
	t.Parallel()
	const older, younger = "      - {from: 2024-01, when: 80-, value: 70, source: 甲文}\n", "      - {from: 2024-01, when: 60-79, value: \"50.005\", source: 甲文}\n"
	for name, c := range map[string]struct {
		values  string
		overlap bool
	}{
		"one year in common":           {older + strings.Replace(younger, "60-79", "60-80", 1), true},
		"one year, the other order":    {strings.Replace(younger, "60-79", "60-80", 1) + older, true},
		"none":                         {younger + older, false},
		"one month in common":          {strings.Replace(older, "2024-01", "2025-06", 1) + strings.Replace(younger, "from: 2024-01, when: 60-79", "from: 2024-01, to: 2025-06, when: 60-99", 1), true},
		"one month, the other order":   {strings.Replace(younger, "from: 2024-01, when: 60-79", "from: 2024-01, to: 2025-06, when: 60-99", 1) + strings.Replace(older, "2024-01", "2025-06", 1), true},
		"the month before":             {strings.Replace(older, "2024-01", "2025-06", 1) + strings.Replace(younger, "from: 2024-01, when: 60-79", "from: 2024-01, to: 2025-05, when: 60-99", 1), false},
		"the month before, from below": {strings.Replace(younger, "from: 2024-01, when: 60-79", "from: 2024-01, to: 2025-05, when: 60-99", 1) + strings.Replace(older, "2024-01", "2025-06", 1), false},
	} {
		body, _ := change(t, small, older+younger, c.values)
		_, err := Load([]byte(body))
		if overlap := err != nil && strings.Contains(err.Error(), "重叠"); overlap != c.overlap || !c.overlap && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
