package web

import (
	"fmt"
	"strconv"

	"disburse/internal/bank"
	"disburse/internal/store/recovery"
)

const AuditRows = 50

// Before is where a page of a list that goes backwards begins; 0: at the end.
func (v *Visit) Before() int64 {
	n, err := strconv.ParseInt(v.Form("before"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

const BankRows = 50

// bankCode is a bank's own code; words that stand in its place say nothing more.
func bankCode(code string) string {
	switch code {
	case bank.Paid.String(), bank.Failed.String(), bank.Unknown.String():
		return ""
	}
	return code
}

// ItemTitle is an item's code and name.
func (v *Visit) ItemTitle(code string) string {
	it, err := v.Office.Pack.Item(code)
	if err != nil {
		return code
	}
	return code + " " + it.Name.Value
}

// PersonPath is a person's page; empty where there is none for the user.
func (v *Visit) PersonPath(person int64) string {
	if person == 0 || !v.mayOpen("/people/{person}") {
		return ""
	}
	return fmt.Sprintf("/people/%d", person)
}

const ListedRows = 200

type ChartLine struct {
	Y    int
	Name string
}

type ChartKey struct {
	Class string
	Name  string
}

// waiverTone is the colour in which the state of a request is shown.
func waiverTone(state string) string {
	switch state {
	case recovery.WaiverPending:
		return "todo"
	case recovery.WaiverGranted:
		return "good"
	}
	return "bad"
}

// Todo is something that the user can do today by their post.
type Todo struct {
	What string
	Note string // what stands behind it, and comes first: why a batch was returned
	Name string // of the button
	Path string
	Post bool // the button sends a form
}
