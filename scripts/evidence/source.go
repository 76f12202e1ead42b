package main

import (
	"crypto/sha256"
	"encoding/hex"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
)

const module = "disburse/"

// sourceHash is the SHA-256 of the benchmark as it is written: the file with its function
// and the package's other files of benchmarks (bench*_test.go), which hold its fixtures.
// Comments and layout do not count. A benchmark that is not there has the hash "".
func sourceHash(root, pkg, benchmark string) (string, error) {
	files, err := filepath.Glob(filepath.Join(root, strings.TrimPrefix(pkg, module), "*_test.go"))
	if err != nil {
		return "", err
	}
	slices.Sort(files)
	sum, found := sha256.New(), false
	for _, name := range files {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return "", err
		}
		mine := declares(file, benchmark)
		found = found || mine
		if !mine && !strings.Contains(filepath.Base(name), "bench") {
			continue
		}
		if err := printer.Fprint(sum, set, file); err != nil {
			return "", err
		}
	}
	if !found {
		return "", nil
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func declares(file *ast.File, function string) bool {
	return slices.ContainsFunc(file.Decls, func(d ast.Decl) bool {
		f, ok := d.(*ast.FuncDecl)
		return ok && f.Recv == nil && f.Name.Name == function
	})
}
