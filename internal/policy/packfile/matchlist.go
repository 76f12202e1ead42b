package packfile

// MatchList is a kind of list from another office that the roster is matched against
// (比对名单, docs/rules.md §6.2).
type MatchList struct {
	At        Pos
	Name      Text `yaml:"name"`
	Effect    Text `yaml:"effect"`    // doubt: a hit is a 疑点 and holds the person's lines; information: it is only shown
	Direction Text `yaml:"direction"` // hits (default): people of the roster on the list; missing: people of the list who are entitled and not on the roster
	Deaths    Bool `yaml:"deaths"`    // its dates are of death: a hit whose death the roster has is settled
	Note      Text `yaml:"note"`      // where the list comes from
}

// Doubt reports whether a hit holds the person's lines until somebody decides.
func (l *MatchList) Doubt() bool { return l.Effect.Value == "doubt" }

// Missing reports whether the list is read for people who are not on the roster (应享未享).
func (l *MatchList) Missing() bool { return l.Direction.Value == "missing" }

// matchLists checks the kinds of lists.
func (c *fileChecker) matchLists() {
	seen := map[string]bool{}
	for i := range c.file.MatchLists {
		l := &c.file.MatchLists[i]
		c.Here = l.At
		name := l.Name.Value
		if !IsProperName(name) {
			c.Fail(l.Name.Pos, "比对名单的名称“%s”不能用：应以文字开头，只含文字、数字和下划线", name)
		}
		if seen[name] {
			c.Fail(l.Name.Pos, "比对名单“%s”重复", name)
		}
		seen[name] = true
		if e := l.Effect.Value; e != "doubt" && e != "information" {
			c.Fail(l.Effect.Pos, "比对名单“%s”的 effect 应为 doubt（疑点）或 information（提示）", name)
		}
		if d := l.Direction.Value; d != "" && d != "hits" && d != "missing" {
			c.Fail(l.Direction.Pos, "比对名单“%s”的 direction 应为 hits（命中）或 missing（应享未享）", name)
		}
		if l.Missing() && (l.Doubt() || l.Deaths.Value) {
			c.Fail(l.Direction.Pos, "比对名单“%s”查的是不在花名册的人，只能是 effect: information，不能写 deaths", name)
		}
	}
	c.Here = c.file.At
}
