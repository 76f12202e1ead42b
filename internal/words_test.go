package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// partsLookedFor are the Chinese texts that may be looked for within others, with the
// reason: they are parts of a format, not of a sentence that the program makes.
var partsLookedFor = map[string]string{
	"临-":    "begins a temporary number (docs/interface.md §4.1)",
	"临":     "begins a temporary number that is typed",
	"{文件号}": "a placeholder of the pack's language",
	"{值}":   "a placeholder of the pack's language",
}

// searching are the functions that look for a part of a text.
var searching = map[string]bool{"Contains": true, "HasPrefix": true, "HasSuffix": true, "Index": true, "LastIndex": true, "Cut": true,
	"CutPrefix": true, "CutSuffix": true, "EqualFold": true, "Count": true}

// sentenceLength is from how many Chinese characters on a text that is compared as a whole
// is a sentence; shorter ones are words of the pack, the roster or docs/interface.md
// (可发, 核定金额).
const sentenceLength = 8

// likeWords finds SQL that looks for a part of a Chinese text.
var likeWords = regexp.MustCompile(`LIKE\s+'[^']*\p{Han}`)

// TestWordsDecideNothing: program logic is steered by codes. No condition looks for a part
// of a Chinese text, or compares one with a whole sentence.
func TestWordsDecideNothing(t *testing.T) {
	used := map[string]bool{}
	for _, root := range []string{"../cmd", "../jobs", "../reports", "."} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(filepath.Dir(path), "test") {
				return err
			}
			for _, w := range decidingWords(t, path) {
				if used[w.text] = true; partsLookedFor[w.text] == "" {
					t.Errorf("%s:%d looks for %q", path, w.line, w.text)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for text := range partsLookedFor {
		if !used[text] {
			t.Errorf("%q is an exception that nothing needs", text)
		}
	}
}

type decidingWord struct {
	line int
	text string
}

// decidingWords lists the places of a file where a Chinese text decides.
func decidingWords(t *testing.T, path string) (found []decidingWord) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	say := func(n ast.Node, text string) {
		found = append(found, decidingWord{set.Position(n.Pos()).Line, text})
	}
	constants := constantTexts(filepath.Dir(path), t)
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && searching[f.Sel.Name] {
				for _, a := range n.Args {
					if text := chinese(a, constants); text != "" {
						say(n, text)
					}
				}
			}
		case *ast.BinaryExpr:
			for _, side := range []ast.Expr{n.X, n.Y} {
				if text := chinese(side, nil); (n.Op == token.EQL || n.Op == token.NEQ) && han(text) >= sentenceLength {
					say(n, text)
				}
			}
		case *ast.CaseClause:
			for _, e := range n.List {
				if text := chinese(e, nil); han(text) >= sentenceLength {
					say(n, text)
				}
			}
		case *ast.BasicLit:
			if text := chinese(n, nil); likeWords.MatchString(text) {
				say(n, likeWords.FindString(text))
			}
		}
		return true
	})
	return found
}

// chinese is the text of an expression that has Chinese in it: a literal, a sum with one,
// a constant; empty for any other.
func chinese(e ast.Expr, constants map[string]string) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && han(text) > 0 {
			return text
		}
	case *ast.BinaryExpr:
		if text := chinese(e.X, constants); text != "" {
			return text
		}
		return chinese(e.Y, constants)
	case *ast.Ident:
		return constants[e.Name]
	}
	return ""
}

func han(text string) (n int) {
	for _, r := range text {
		if unicode.Is(unicode.Han, r) {
			n++
		}
	}
	return n
}

var constantsOf = map[string]map[string]string{} // by folder

// constantTexts are the constants of a folder's package that are Chinese texts.
func constantTexts(folder string, t *testing.T) map[string]string {
	t.Helper()
	if known := constantsOf[folder]; known != nil {
		return known
	}
	all := map[string]string{}
	constantsOf[folder] = all
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.CONST {
				for _, s := range g.Specs {
					v := s.(*ast.ValueSpec)
					for i := range v.Values {
						if text := chinese(v.Values[i], nil); text != "" {
							all[v.Names[i].Name] = text
						}
					}
				}
			}
		}
	}
	return all
}
