package lang

import (
	"regexp"
	"strings"
)

// plainWords turns the language's words and signs into those of everyday Chinese.
// Order matters: longer forms come first.
var plainWords = []struct {
	pattern *regexp.Regexp
	with    string
}{
	{regexp.MustCompile(`not known\(([^)]*)\)`), `未登记${1}`},
	{regexp.MustCompile(`known\(([^)]*)\)`), `已登记${1}`},
	{regexp.MustCompile(`granted\("([^"]*)"\)`), `第${1}项实发`},
	{regexp.MustCompile(`"([^"]*)" in ([^\s()]+)`), `${2}含“${1}”`},
	{regexp.MustCompile(` not in \[`), `不属于[`},
	{regexp.MustCompile(` in \[`), `属于[`},
	{regexp.MustCompile(`\[([^\]]*)\]`), `（${1}）`},
	{regexp.MustCompile(` == `), `为`},
	{regexp.MustCompile(` != `), `不是`},
	{regexp.MustCompile(` >= `), ` ≥ `},
	{regexp.MustCompile(` <= `), ` ≤ `},
	{regexp.MustCompile(` and `), ` 且 `},
	{regexp.MustCompile(` or `), ` 或 `},
	{regexp.MustCompile(`\bnot `), `不满足 `},
	{regexp.MustCompile(`\bmax\(`), `取高(`},
	{regexp.MustCompile(`\bmin\(`), `取低(`},
	{regexp.MustCompile(` \* `), ` × `},
	{regexp.MustCompile(` - `), ` − `},
	{regexp.MustCompile(`"([^"]*)"`), `“${1}”`},
	{regexp.MustCompile(`”, “`), `”、“`},
}

// Plain writes an expression for people who do not read the language. It is for
// display only; nothing is decided by it.
func Plain(source string) string {
	s := strings.Join(strings.Fields(source), " ")
	for _, w := range plainWords {
		s = w.pattern.ReplaceAllString(s, w.with)
	}
	return s
}
