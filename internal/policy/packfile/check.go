package packfile

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"disburse/internal/policy/lang"
)

// fileChecker finds what is wrong with a file whatever its expressions mean.
type fileChecker struct {
	*Report
	file   *File
	stored bool             // passed the checks of its time: later ones are left out
	items  map[string]*Item // by code; of several with one code the first
	facts  map[string]*Fact // by name; of several with one name the last
}

// Check checks a file as far as that is possible without compiling its expressions.
// Of a stored pack it leaves out the checks that came after packs were stored. What it
// finds is in the report that it returns, for compiling to go on with.
func Check(file *File, stored bool) *Report {
	c := &fileChecker{Report: &Report{Here: file.At}, file: file, stored: stored, items: map[string]*Item{}, facts: map[string]*Fact{}}
	c.head()
	for i := range file.Facts {
		c.fact(&file.Facts[i])
	}
	c.Here = file.At
	c.checkItems()
	c.checkThresholds()
	c.funds()
	c.clearing()
	c.matchLists()
	c.resultCodes()
	c.certification()
	c.approvalBand()
	c.freezes()
	c.checkExamples()
	c.banks()
	return c.Report
}

var (
	sixDigits  = regexp.MustCompile(`^[1-9][0-9]{5}$`)
	asciiCode  = regexp.MustCompile(`^[A-Z]{2,6}$`)
	itemCode   = regexp.MustCompile(`^[0-9]{1,3}(-[0-9]{1,2})?$`)
	properName = regexp.MustCompile(`^\p{L}[\p{L}\p{Nd}_]*$`)
)

func (c *fileChecker) head() {
	f := c.file
	if f.Language.Value != lang.Version {
		c.Fail(f.Language.Pos, "language 应为 %d（表达式的版本），此程序不认识 %d", lang.Version, f.Language.Value)
	}
	if !sixDigits.MatchString(f.Region.Value) {
		c.Fail(f.Region.Pos, "region 应为六位行政区划代码，如 \"140213\"")
	}
	c.required(f.District.Pos, f.District, " district（区县名称）")
	c.required(f.Title.Pos, f.Title, " title（清单名称）")
	streets := map[string]bool{}
	for _, s := range f.Streets {
		if streets[s.Value] {
			c.Fail(s.Pos, "街道“%s”重复", s.Value)
		}
		streets[s.Value] = true
	}
	seen := map[string]bool{}
	for _, b := range f.Bureaus {
		c.Here = b.At
		c.required(b.Name.Pos, b.Name, "单位名称 name")
		if !asciiCode.MatchString(b.Code.Value) {
			c.Fail(b.Code.Pos, "单位“%s”的 code 应为 2 到 6 个大写英文字母，用于文件编号", b.Name.Value)
		}
		for _, key := range []Text{b.Name, b.Code} {
			if seen[key.Value] {
				c.Fail(key.Pos, "单位名称或代码“%s”重复", key.Value)
			}
			seen[key.Value] = true
		}
		if strings.ContainsAny(b.Name.Value, `/\:*?"<>|、`) || strings.HasPrefix(b.Name.Value, ".") || strings.ContainsFunc(b.Name.Value, unicode.IsControl) {
			c.Fail(b.Name.Pos, "单位名称“%s”要用作文件夹名，不能以 . 开头，不能含控制字符或 / \\ : * ? \" < > | 、", b.Name.Value)
		}
	}
	c.Here = f.At
}

// IsProperName reports whether something may be called so: letters, digits and
// underscores, a letter first.
func IsProperName(name string) bool { return properName.MatchString(name) }

func (c *fileChecker) fact(f *Fact) {
	c.Here = f.At
	c.facts[f.Name.Value] = f
	switch f.Type.Value {
	case "flag", "choice", "choices", "text", "amount":
	default:
		c.Fail(f.Type.Pos, "事实“%s”的 type 应为 flag、choice、choices、text 或 amount", f.Name.Value)
	}
	c.publicFact(f)
	listed := f.Type.Value == "choice" || f.Type.Value == "choices"
	if listed != (len(f.Values) > 0) {
		c.Fail(f.Name.Pos, "事实“%s”：choice 和 choices 要列出 values，其他类型不写", f.Name.Value)
	}
	seen := map[string]bool{}
	for _, v := range f.Values {
		if seen[v.Value] || v.Value == "无" || v.Value == "" || strings.Contains(v.Value, "、") {
			c.Fail(v.Pos, "事实“%s”的值“%s”重复或不能用（不能为空、为“无”或含“、”）", f.Name.Value, v.Value)
		}
		seen[v.Value] = true
	}
}

// Yes and No are what a pack and a roster write for a flag (是/否).
const (
	Yes = "是"
	No  = "否"
)

// admits reports whether a record of the fact may have the value, as the roster's
// reader writes it. An example may leave out 是.
func (f *Fact) admits(value string) bool {
	isListed := func(s string) bool {
		return slices.ContainsFunc(f.Values, func(v Text) bool { return v.Value == s })
	}
	switch f.Type.Value {
	case "flag":
		return value == "" || value == Yes
	case "choice":
		return isListed(value)
	case "choices":
		return !slices.ContainsFunc(strings.Split(value, "、"), func(s string) bool { return !isListed(s) })
	case "amount":
		return IsDecimal(value)
	}
	return value != ""
}

// checkThresholds checks the conflicts; whether their conditions are right, compiling finds.
func (c *fileChecker) checkThresholds() {
	for i := range c.file.Checks.Conflicts {
		d := &c.file.Checks.Conflicts[i]
		c.Here = d.At
		c.required(d.When.Pos, d.Name, "冲突的名称 name")
	}
	c.Here = c.file.At
}
