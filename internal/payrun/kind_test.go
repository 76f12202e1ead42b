package payrun

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The manual's tables of findings have every kind under its level, and no other.
func TestManualHasEveryKind(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("../../docs/manual/06-看懂结果.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(body), "## 6.2")
	section, _, _ = strings.Cut(section, "\n## ")
	row := regexp.MustCompile(`(?m)^\| ([^ |]+) \| [^|]+ \| [^|]+ \|$`)
	found := map[string]Level{}
	for level := Blocking; level <= Information; level++ {
		_, part, ok := strings.Cut(section, "\n### "+level.Chinese()+"\n")
		if !ok {
			t.Fatalf("no part %s in 6.2", level.Chinese())
		}
		part, _, _ = strings.Cut(part, "\n### ")
		for _, m := range row.FindAllStringSubmatch(part, -1) {
			found[m[1]] = level
		}
	}
	delete(found, "类型")
	for _, k := range kinds {
		if found[k.name] != k.level {
			t.Errorf("%s is %q in the manual, %q in the catalogue", k.name, found[k.name].Chinese(), k.level.Chinese())
		}
		delete(found, k.name)
	}
	for name := range found {
		t.Errorf("the manual has %s, the catalogue does not", name)
	}
}

func TestKindsAreTold(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, k := range kinds {
		if seen[k.name] || k.level < Blocking || k.level > Information || (k.judge != "" && k.level != Doubt) {
			t.Errorf("%+v", k)
		}
		seen[k.name] = true
	}
	if (&Finding{Kind: RefusedAccount, Level: Information}).Decidable() == (&Finding{Kind: NoBank, Level: Information}).Decidable() {
		t.Error("a refused account is no longer decided about")
	}
}
