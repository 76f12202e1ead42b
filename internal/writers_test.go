package internal_test

import (
	"fmt"
	"go/ast"
	"path"
	"strings"
	"testing"
)

// sessionState are writers of the store that pages may call themselves, with the reason:
// none of it is knowledge, money or an account, and the journal has none of it.
var sessionState = map[string]string{
	"users.Authenticate": "counts wrong passwords; the page asks before there is an office to ask",
	"users.BeginSession": "a session is the browser's, not the office's",
	"users.ReadSession":  "a session is the browser's, not the office's",
	"people.UpdateIndex": "the list behind search, derived from people and made up to date by who searches",
	"users.EndSession":   "a session is the browser's, not the office's",
	"users.SetNotice":    "the sentence that the next page of a session says",
	"users.SaveForm":     "a form that waits for its user to log in again",
	"users.TakeForm":     "a form that waits for its user to log in again",
	"work.SaveUpload":    "a file on its way in or out, gone after a day",
	"work.DeleteUpload":  "a file on its way in or out, gone after a day",
	"work.Begin":         "progress of what the office does in the background",
	"work.Heartbeat":     "progress of what the office does in the background",
	"work.Finish":        "progress of what the office does in the background",
}

// TestOfficeIsTheOnlyDoor: commands and pages change nothing but through internal/office,
// so that a rule, an entry of the access log or a job that is added there holds for every
// way in. The calendar writes its own occurrences (jobs), and nothing else.
func TestOfficeIsTheOnlyDoor(t *testing.T) {
	t.Parallel()
	files := sources(t)
	writers := storeWriters(files)
	if len(writers) < 30 {
		t.Fatalf("only %d writers found in internal/store", len(writers))
	}
	used := map[string]bool{}
	for _, f := range files {
		if !within(f.dir, "cmd") && !within(f.dir, "internal/console") && !within(f.dir, "jobs") {
			continue
		}
		for _, c := range storeCalls(f) {
			switch {
			case !writers[c.name] || within(f.dir, "jobs") && strings.HasPrefix(c.name, "calendar."):
			case sessionState[c.name] != "":
				used[c.name] = true
			default:
				t.Errorf("%s calls %s, which writes; put it into internal/office and call that", c.at, c.name)
			}
		}
	}
	for name := range sessionState {
		if !used[name] {
			t.Errorf("%s is an exception that nothing needs", name)
		}
	}
}

// storeWriters are the functions of internal/store, as package.Name, that write: they begin
// a transaction that does, or call one of their package that does.
func storeWriters(files []file) map[string]bool {
	calls := map[string][]string{}
	writers := map[string]bool{}
	for _, f := range files {
		if !within(f.dir, "internal/store") {
			continue
		}
		pkg := path.Base(f.dir)
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil || fn.Recv != nil {
				continue
			}
			name := pkg + "." + fn.Name.Name
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					if f, ok := n.Fun.(*ast.Ident); ok {
						calls[name] = append(calls[name], pkg+"."+f.Name)
					}
				case *ast.SelectorExpr:
					if n.Sel.Name == "Change" || n.Sel.Name == "InTx" {
						writers[name] = true
					}
				}
				return true
			})
		}
	}
	for grown := true; grown; {
		grown = false
		for name, all := range calls {
			for _, called := range all {
				if writers[called] && !writers[name] {
					writers[name], grown = true, true
				}
			}
		}
	}
	return writers
}

// storeCall is a call of a package of internal/store.
type storeCall struct {
	name string // package.Name
	at   string
}

func storeCalls(f file) (all []storeCall) {
	names := map[string]string{} // by the name that the file has for it: the package
	for _, spec := range f.ast.Imports {
		imported := strings.Trim(spec.Path.Value, "`\"")
		if !strings.HasPrefix(imported, module+"/internal/store/") {
			continue
		}
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = path.Base(imported)
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if from, ok := selector.X.(*ast.Ident); ok && names[from.Name] != "" {
			all = append(all, storeCall{names[from.Name] + "." + selector.Sel.Name, fmt.Sprint(f.pos.Position(selector.Pos()))})
		}
		return true
	})
	return all
}
