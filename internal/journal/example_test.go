package journal_test

import (
	"bytes"
	"fmt"
	"time"

	"disburse/internal/journal"
)

// Every entry is hashed together with the hash before it. Whoever alters one changes its
// hash, and so no longer has what the next one follows.
func ExampleHash() {
	by := journal.By{Actor: "甲经办", Origin: "主机", At: time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)}
	first := journal.Entry{Region: 140213, Rev: 1, Action: "导入花名册", Subject: "花名册.xlsx"}.Signed(by).AsStored()
	second := journal.Entry{Region: 140213, Rev: 2, Action: "核算", Subject: "2026-11"}.Signed(by).AsStored()

	one := journal.Hash(journal.Genesis(140213), first)
	head := journal.Hash(one, second)

	first.Subject = "别的.xlsx"
	altered := journal.Hash(journal.Genesis(140213), first)
	fmt.Println(bytes.Equal(one, altered), bytes.Equal(head, journal.Hash(altered, second)))
	// Output: false false
}

// The digest of a table's rows does not depend on the revision that states them, so the
// same knowledge has the same digest; the use keeps digests apart that mean different things.
func ExampleRowSum() {
	row := [32]byte{1}
	sum := func(use, table string) string {
		s := journal.NewRowSum(use, table)
		s.Add(&row)
		return s.Hex()
	}
	one, other := sum("rows", "person"), sum("rows", "person")
	fmt.Println(one == other)
	fmt.Println(sum("rows", "person") == sum("known", "person"), sum("rows", "person") == sum("rows", "payee"))
	// Output:
	// true
	// false false
}

// What is done at the command line is signed by the account of the operating system.
func ExampleBy_Operator() {
	fmt.Println(journal.By{Actor: "os:root"}.Operator(), journal.By{Actor: "甲经办"}.Operator())
	// Output: true false
}
