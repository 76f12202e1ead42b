package policy

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The recipes in the pack reference are packs that pass check and their own examples.
func TestRecipes(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/policy-pack.md")
	if err != nil {
		t.Fatal(err)
	}
	recipes := regexp.MustCompile("(?s)### (11\\.[^\n]*)\n[^`]*(?:`[^`]*`[^`]*)*?```yaml recipe\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if blocks := strings.Count(string(text), "```yaml recipe\n"); blocks < 6 || len(recipes) != blocks {
		t.Fatalf("%d recipes were read of %d", len(recipes), blocks)
	}
	const head = "language: 1\nregion: \"140299\"\ndistrict: 示例区\ntitle: 示例区清单\nbureaus: [{name: 区民政局, code: MZ}]\n"
	for _, r := range recipes {
		t.Run(r[1], func(t *testing.T) {
			p := load(t, head+r[2])
			if len(p.File.Examples) < 2 {
				t.Errorf("%d examples", len(p.File.Examples))
			}
			for _, f := range p.Test() {
				t.Errorf("%v", f)
			}
		})
	}
}
