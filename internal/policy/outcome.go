package policy

import (
	"disburse/internal/money"
)

// Outcome is what the list grants one person for one month. It is shared between
// people who are alike: never change it.
type Outcome struct {
	Grants    []Grant       // money, in the order of the list
	Listings  []Listing     // list items the person is on, in the order of the list
	Gaps      []Gap         // granted, but the amount lacks something: no line, and a check
	Notes     []Note        // what staff must know of a grant or listing
	Zero      []string      // items whose amount came to 0: no line
	Conflicts []Conflicting // facts that exclude each other
	Unmet     []string      // items with a 核定金额 in force whose conditions fail: not paid
}

// Grant is money for the month.
type Grant struct {
	Item    string
	Amount  money.Fen // 分, above 0
	Payee   string    // roster.Myself, or an institution or bureau
	Unnamed bool      // somebody else should be named as payee (18-4): held until then
}

// Listing is a place on a list item.
type Listing struct {
	Item   string
	Detail string
}

// Gap is an amount that could not be computed.
type Gap struct {
	Item     string
	Rate     string // the rate without a value in the month; empty when facts are missing
	Facts    []string
	Sentence string // Chinese, for the check
}

// Note is a remark on a grant or a listing.
type Note struct {
	Item     string
	Sentence string
}

// Conflicting is a conflict of facts on the first day of the month.
type Conflicting struct {
	Name  string
	Facts []string // names of the facts it rests on
}

// result is how one item came out, with what an explanation needs.
type result struct {
	it      *item
	present bool // the presence test and the kind of number allow it
	holds   bool // all conditions hold and none of unless
	paid    bool // pay.when holds as well
	once    bool // once_a_year: granted in an earlier month of the coverage year
	amount  money.Fen
	payee   string
	unnamed bool
	detail  string
	notes   []string
	gap     *Gap
	zero    bool
	unmet   bool
	losesTo *item // 就高: the one that is paid instead
	lost    money.Fen
}

// outcome gathers results, which stand in list order.
func outcome(results []result) *Outcome {
	o := &Outcome{}
	for i := range results {
		r := &results[i]
		code := r.it.code
		if r.holds && r.it.def.List.Value != "" {
			o.Listings = append(o.Listings, Listing{code, r.detail})
		}
		if r.amount > 0 {
			o.Grants = append(o.Grants, Grant{code, r.amount, r.payee, r.unnamed})
		}
		if r.gap != nil {
			o.Gaps = append(o.Gaps, *r.gap)
		}
		for _, s := range r.notes {
			o.Notes = append(o.Notes, Note{code, s})
		}
		if r.zero {
			o.Zero = append(o.Zero, code)
		}
		if r.unmet {
			o.Unmet = append(o.Unmet, code)
		}
	}
	return o
}
