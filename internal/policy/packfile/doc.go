// Package packfile has a rule pack (规则包) as it is written: the shape of its YAML
// with the place of every value, its reader, the checks that need no compiling, and
// answers about the banks, funds, freezes and codes that it names.
package packfile
