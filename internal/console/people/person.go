package people

import (
	"slices"
	"strings"

	"disburse/internal/console/web"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/roster"
	"disburse/internal/store/books"
	"disburse/internal/store/requests"
)

// personData is the data of a person's page.
type personData struct {
	File     *books.PersonFile
	Status   string
	Tone     string
	Age      int
	Sex      roster.Sex
	Facts    []knownFact
	Awards   []knownAward
	Accounts []pastAccount
	Places   []pastPlace
	Year     int
	Years    []int
	Months   []personMonth
	Sums     personMonth
	Pays     []books.PersonPayment
	Waiting  []requests.Request // pending requests about facts and 核定金额
	Request  *requests.Request  // pending account request; nil: none
	Clerk    bool
	Shown    bool // numbers are not masked
	Kinds    []roster.FactKind
	Items    []roster.ItemName
}

// Who is the person as of the present revision.
func (d *personData) Who() *roster.Person { return &d.File.Now.Person }

// Phone is the masked telephone number.
func (d *personData) Phone() string { return maskPhone(d.File.Now.Phone) }

// knownFact is a fact with the time it was registered.
type knownFact struct {
	roster.Fact
	Learned books.LearnedAt
	Holds   bool // in force today
}

type knownAward struct {
	roster.Award
	Name    string
	Learned books.LearnedAt
	Holds   bool
}

// pastAccount is an account and the revision that registered it.
type pastAccount struct {
	roster.Account
	Rev     int64
	Learned books.LearnedAt
}

type pastPlace struct {
	Street, Community, Address string
	Rev                        int64
	Learned                    books.LearnedAt
}

// personFile reads the person that the path names. Errors: fault.NotFound.
func personFile(v *web.Visit) (*books.PersonFile, error) {
	n, err := v.PathNumber("person")
	if err != nil {
		return nil, err
	}
	return books.ReadPersonFile(v.R.Context(), v.Office.DB, v.Office.Region, n)
}

func personPage(v *web.Visit) error {
	f, err := personFile(v)
	if err != nil {
		return err
	}
	d, err := dataOf(v, f)
	if err != nil {
		return err
	}
	return v.Page("person", f.Now.Name, d)
}

// dataOf collects what the person's page shows.
func dataOf(v *web.Visit, f *books.PersonFile) (*personData, error) {
	d := &personData{File: f, Sex: roster.SexOf(f.Now.ID), Clerk: v.User.Post == web.Clerk[0]}
	today := month.FromTime(v.Now())
	d.Status, d.Tone = residence(&f.Now.Person, today)
	d.Age = month.Age(f.Now.Birth, today.Month())
	addKnown(v, d, today)
	d.histories()
	vocabulary := v.Office.Pack.Vocabulary()
	d.Kinds, d.Items = vocabulary.Facts, ownItems(v, vocabulary.Items)
	waiting, err := requests.List(v.R.Context(), v.Office.DB, v.Office.Region, true, f.Now.Number, 0, web.PageRows)
	if err != nil {
		return nil, err
	}
	d.Request = accountOf(waiting)
	for i := range waiting {
		if !waiting[i].About.Account() {
			d.Waiting = append(d.Waiting, waiting[i])
		}
	}
	return d, showMoney(v, d)
}

// residence is whether a person lives in the district, with its tone.
func residence(p *roster.Person, today month.Date) (word, tone string) {
	switch {
	case p.Died != 0:
		return p.Died.String() + " 去世", "idle"
	case p.MovedOut != 0 && p.MovedOut <= today && p.MovedIn < p.MovedOut:
		return p.MovedOut.String() + " 迁出", "idle"
	}
	return "在册", "good"
}

// ownItems selects the items whose amounts the user may see.
func ownItems(v *web.Visit, items []roster.ItemName) []roster.ItemName {
	return slices.DeleteFunc(slices.Clone(items), func(it roster.ItemName) bool { return !v.Sees(v.Office.Pack.Payer(it.Code)) })
}

// addKnown adds facts, those in force today first and then the newest, and 核定金额 of the
// user's bureau.
func addKnown(v *web.Visit, d *personData, today month.Date) {
	holds := func(since, until month.Date) bool { return since <= today && (until == 0 || until >= today) }
	for _, f := range d.File.Now.Facts {
		d.Facts = append(d.Facts, knownFact{f, d.File.Learned[f.Rev], holds(f.Since, f.Until)})
	}
	slices.SortStableFunc(d.Facts, func(a, b knownFact) int {
		if a.Holds != b.Holds {
			return map[bool]int{true: -1, false: 1}[a.Holds]
		}
		return int(b.Since - a.Since)
	})
	for _, a := range d.File.Now.Awards {
		if !v.Sees(v.Office.Pack.Payer(a.Item)) {
			continue
		}
		last := month.Date(0)
		if a.Last != 0 {
			last = a.Last.Last()
		}
		d.Awards = append(d.Awards, knownAward{a, itemName(v, a.Item), d.File.Learned[a.Rev], holds(a.First.First(), last)})
	}
}

// itemName is an item's name without its code.
func itemName(v *web.Visit, code string) string {
	it, err := v.Office.Pack.Item(code)
	if err != nil {
		return code
	}
	return it.Name.Value
}

// histories lists the former accounts and addresses, newest first.
func (d *personData) histories() {
	for i := range d.File.Past {
		p := &d.File.Past[i]
		learned := d.File.Learned[p.Rev]
		if n := len(d.Accounts); n == 0 || d.Accounts[n-1].Account != p.Account {
			d.Accounts = append(d.Accounts, pastAccount{p.Account, p.Rev, learned})
		}
		place := pastPlace{p.Street, p.Community, p.Address, p.Rev, learned}
		if n := len(d.Places); n == 0 || d.Places[n-1].Street != p.Street || d.Places[n-1].Community != p.Community || d.Places[n-1].Address != p.Address {
			d.Places = append(d.Places, place)
		}
	}
	slices.Reverse(d.Accounts)
	slices.Reverse(d.Places)
}

// reveal shows ID number, account and telephone in full. The access is logged.
func reveal(v *web.Visit) error {
	f, err := personFile(v)
	if err != nil {
		return err
	}
	by := v.By("")
	err = v.Office.LogAccess(v.R.Context(), by, journal.Viewed, "身份证号、账号、电话", f.Now.Number)
	if err != nil {
		return err
	}
	if v.R.Header.Get("HX-Request") != "" {
		return v.Part("person", "numbers", &personData{File: f, Shown: true})
	}
	d, err := dataOf(v, f)
	if err != nil {
		return err
	}
	d.Shown = true
	return v.Page("person", f.Now.Name, d)
}

// maskPhone hides all but the first three and the last two digits.
func maskPhone(s string) string {
	r := []rune(s)
	if len(r) < 7 {
		return strings.Repeat("*", len(r))
	}
	return string(r[:3]) + strings.Repeat("*", len(r)-5) + string(r[len(r)-2:])
}
