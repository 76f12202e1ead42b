package explain

import (
	"context"

	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/payrun"
	"disburse/internal/policy"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
	"disburse/internal/store/books"
)

// Explanation is why somebody gets what they get in a month: every item of the list with
// what speaks for and against it, the lines of the month, and, for a month that was
// approved, what was known and granted then. As JSON it is what programs read.
type Explanation struct {
	Name  string                   `json:"name"`
	ID    string                   `json:"id_number"`
	Month string                   `json:"month"`
	Age   int                      `json:"age"`
	Items []policy.ItemExplanation `json:"items"`
	Lines []Line                   `json:"lines"`
	*ThenNow

	// Opening is the region's opening month (期初月) where Month is before it.
	Opening string `json:"opening_month,omitempty"`

	Dossier *roster.Dossier `json:"-"`
	month   month.Month
	lines   []payrun.Line
}

// Line is a line of the month's batches; amounts are texts in 元.
type Line struct {
	Item    string `json:"item"`
	Month   string `json:"benefit_month"`
	Kind    string `json:"kind"`
	Amount  string `json:"amount"`
	Status  string `json:"status"`
	Reason  string `json:"reason"`
	Payee   string `json:"payee"`
	Against string `json:"against"`
	// Decision says of a line that somebody decided to hold (决定暂缓) who, when and why.
	Decision string `json:"decision,omitempty"`
}

// Person explains one person's month.
func Person(ctx context.Context, o *office.Office, id string, m month.Month, by journal.By) (*Explanation, error) {
	whole, err := books.ReadPersonMonth(ctx, o.DB, o.Region, id, m)
	if err != nil {
		return nil, err
	}
	d := whole.Now
	x, err := o.Pack.Explain(d, m)
	if err != nil {
		return nil, err
	}
	if err := o.LogAccess(ctx, by, journal.Viewed, "待遇说明", d.Number, m.String()); err != nil {
		return nil, err
	}
	lines, err := batches.PersonLines(ctx, o.DB, o.Region, m, d.Number)
	if err != nil {
		return nil, err
	}
	e := &Explanation{Name: d.Name, ID: d.ID, Month: m.String(), Age: x.Age, Items: x.Items, Lines: []Line{}, Dossier: d, month: m, lines: lines}
	for i := range lines {
		l := &lines[i]
		decision, err := decisionOn(ctx, o, m, l)
		if err != nil {
			return nil, err
		}
		e.Lines = append(e.Lines, Line{l.Item, l.Month.String(), l.Kind.String(), l.Amount.String(), l.Status(), l.Hold.String(), l.Payee, l.Against, decision})
	}
	if m < whole.Opening {
		e.Opening = whole.Opening.String()
	}
	e.ThenNow, err = thenNow(ctx, o, whole, m)
	return e, err
}

// decisionOn says who decided to hold a line of the month's latest batch, when and why;
// empty where nobody did.
func decisionOn(ctx context.Context, o *office.Office, m month.Month, l *payrun.Line) (string, error) {
	if l.Hold&payrun.KeptBack == 0 {
		return "", nil
	}
	b, err := batches.Latest(ctx, o.DB, o.Region, m, o.Pack.Payer(l.Item))
	if err != nil {
		return "", err
	}
	kept, err := books.HoldDecisions(ctx, o.DB, o.Region, b, []int64{l.Person})
	if err != nil {
		return "", err
	}
	return kept(l), nil
}
