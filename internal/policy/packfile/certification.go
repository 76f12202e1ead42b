package packfile

import (
	"fmt"
	"slices"
	"strings"
)

// Certification asks people from an age on for proof every so often that they are alive
// (生存认证). What is overdue is a 疑点: the money waits, it is not lost.
type Certification struct {
	At    Pos
	Fact  Text   `yaml:"fact"`  // its records are the proofs, 起 is the day of each
	From  Int    `yaml:"from"`  // age in years
	Every Int    `yaml:"every"` // a proof stands for so many months after its own
	Grace Int    `yaml:"grace"` // months after that in which money still flows
	Since Month  `yaml:"since"` // nobody is asked before; absent: from the opening month
	Items []Text `yaml:"items"` // what is held; absent: everything that pays
}

// Asks reports whether lines of an item are held while proof is overdue.
func (x *Certification) Asks(code string) bool {
	return x != nil && (len(x.Items) == 0 || slices.ContainsFunc(x.Items, func(t Text) bool { return t.Value == code }))
}

// Sentence says the whole rule.
func (x *Certification) Sentence() string {
	what := "全部发放项目"
	if len(x.Items) > 0 {
		what = "项目 " + JoinTexts(x.Items)
	}
	since := ""
	if x.Since.Value != 0 {
		since = "，自 " + x.Since.Value.String() + " 起"
	}
	return fmt.Sprintf("年满 %d 周岁每 %d 个月认证一次（事实“%s”），宽限 %d 个月，逾期暂缓%s%s", x.From.Value, x.Every.Value, x.Fact.Value, x.Grace.Value, what, since)
}

// The words in which an example says how somebody stands.
const (
	ProofNotAsked = "不要求"
	ProofStands   = "有效"
	ProofGrace    = "宽限"
	ProofOverdue  = "逾期"
)

func (c *fileChecker) certification() {
	x := c.file.Certification
	if x == nil {
		return
	}
	c.Here = x.At
	if c.required(x.Fact.Pos, x.Fact, "生存认证的 fact（记认证的事实）") {
		switch f := c.facts[x.Fact.Value]; {
		case f == nil:
			c.Fail(x.Fact.Pos, "生存认证的事实“%s”不存在，请先写进 facts", x.Fact.Value)
		case f.Type.Value == "amount":
			c.Fail(x.Fact.Pos, "生存认证的事实“%s”是金额，应为是非、单选、多选或文字", x.Fact.Value)
		}
	}
	if n := x.From.Value; n < 1 || n > 120 {
		c.Fail(x.From.Pos, "生存认证的 from 应为年龄，1 到 120 周岁")
	}
	if n := x.Every.Value; n < 1 || n > 120 {
		c.Fail(x.Every.Pos, "生存认证的 every 应为 1 到 120 个月")
	}
	if n := x.Grace.Value; n > 120 {
		c.Fail(x.Grace.Pos, "生存认证的 grace 应为 0 到 120 个月")
	}
	if x.Items != nil && len(x.Items) == 0 {
		c.Fail(x.At, "生存认证的 items 是空的，请写上项目，或不写 items（全部发放项目）")
	}
	c.paying(x.Items)
	c.Here = c.file.At
}

// paying sees that items pay money and are named once.
func (c *fileChecker) paying(codes []Text) {
	seen := map[string]bool{}
	for _, code := range codes {
		if it := c.items[code.Value]; it == nil || it.Pay == nil {
			c.Fail(code.Pos, "生存认证的项目“%s”不在清单中，或不发钱", code.Value)
		}
		if seen[code.Value] {
			c.Fail(code.Pos, "生存认证的项目“%s”重复", code.Value)
		}
		seen[code.Value] = true
	}
}

// exampleProof sees that an example asks about a rule that the pack has, in its words.
func (c *fileChecker) exampleProof(t Text) {
	words := []string{ProofNotAsked, ProofStands, ProofGrace, ProofOverdue}
	switch {
	case t.Value == "":
	case c.file.Certification == nil:
		c.Fail(t.Pos, "规则包没有写 certification（生存认证），例子里不能写 certification")
	case !slices.Contains(words, t.Value):
		c.Fail(t.Pos, "例子的 certification 应为 %s", strings.Join(words, "、"))
	}
}
