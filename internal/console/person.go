package console

import (
	"slices"
	"strings"

	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

func personRoutes() []route {
	return []route{
		{pattern: "GET /people/{person}", posts: readers, do: (*visit).personPage},
		{pattern: "POST /people/{person}/reveal", posts: readers, do: (*visit).reveal},
		{pattern: "GET /people/{person}/why/{month}", posts: readers, do: (*visit).whyPage},
		{pattern: "GET /people/{person}/letter/{month}", posts: readers, do: (*visit).personLetter},
	}
}

// personData is somebody's page.
type personData struct {
	File     *postgres.PersonFile
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
	Pays     []postgres.PersonPayment
	Waiting  []postgres.AccountRequest // facts and 核定金额 that wait for a second person
	Request  *postgres.AccountRequest  // that waits; nil: none
	Clerk    bool
	Shown    bool // numbers are shown in full
	Kinds    []roster.FactKind
	Items    []roster.ItemName
}

// Who is the person as known now.
func (d *personData) Who() *roster.Person { return &d.File.Now.Person }

// Phone is masked as numbers are.
func (d *personData) Phone() string { return maskPhone(d.File.Now.Phone) }

// knownFact is a fact with when it became known.
type knownFact struct {
	roster.Fact
	Learned postgres.LearnedAt
	Holds   bool // today
}

type knownAward struct {
	roster.Award
	Name    string
	Learned postgres.LearnedAt
	Holds   bool
}

// pastAccount is an account that was known from a revision on.
type pastAccount struct {
	roster.Account
	Rev     int64
	Learned postgres.LearnedAt
}

type pastPlace struct {
	Street, Community, Address string
	Rev                        int64
	Learned                    postgres.LearnedAt
}

// file reads the person that the path names.
func (v *visit) file() (*postgres.PersonFile, error) {
	n, err := v.number("person")
	if err != nil {
		return nil, err
	}
	return v.office.DB.PersonFile(v.r.Context(), v.office.Region, n)
}

func (v *visit) personPage() error {
	f, err := v.file()
	if err != nil {
		return err
	}
	d, err := v.personData(f)
	if err != nil {
		return err
	}
	return v.page("person", f.Now.Name, d)
}

func (v *visit) personData(f *postgres.PersonFile) (*personData, error) {
	d := &personData{File: f, Sex: roster.SexOf(f.Now.ID), Clerk: v.user.Post == clerk[0]}
	today := month.FromTime(v.Clock())
	d.Status, d.Tone = whereabouts(&f.Now.Person, today)
	d.Age = month.Age(f.Now.Birth, today.Month())
	v.known(d, today)
	d.histories()
	vocabulary := v.office.Pack.Vocabulary()
	d.Kinds, d.Items = vocabulary.Facts, v.ownItems(vocabulary.Items)
	waiting, err := v.office.DB.AccountRequests(v.r.Context(), v.office.Region, true, f.Now.Number, 0, accountRows)
	if err != nil {
		return nil, err
	}
	d.Request = accountOf(waiting)
	for i := range waiting {
		if !waiting[i].About.Account() {
			d.Waiting = append(d.Waiting, waiting[i])
		}
	}
	return d, v.money(d)
}

// whereabouts says how somebody stands.
func whereabouts(p *roster.Person, today month.Date) (word, tone string) {
	switch {
	case p.Died != 0:
		return p.Died.String() + " 去世", "idle"
	case p.MovedOut != 0 && p.MovedOut <= today && p.MovedIn < p.MovedOut:
		return p.MovedOut.String() + " 迁出", "idle"
	}
	return "在册", "good"
}

// ownItems are the items whose money the user may see.
func (v *visit) ownItems(items []roster.ItemName) []roster.ItemName {
	return slices.DeleteFunc(slices.Clone(items), func(it roster.ItemName) bool { return !v.sees(v.office.Pack.Payer(it.Code)) })
}

// known lists facts and 核定金额, what holds today first, then the latest; no 核定金额 of
// another bureau.
func (v *visit) known(d *personData, today month.Date) {
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
		if !v.sees(v.office.Pack.Payer(a.Item)) {
			continue
		}
		last := month.Date(0)
		if a.Last != 0 {
			last = a.Last.Last()
		}
		d.Awards = append(d.Awards, knownAward{a, v.itemName(a.Item), d.File.Learned[a.Rev], holds(a.First.First(), last)})
	}
}

func (v *visit) itemName(code string) string {
	it, err := v.office.Pack.Item(code)
	if err != nil {
		return code
	}
	return it.Name.Value
}

// histories finds where account and address changed, the latest first.
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

// reveal shows ID number, account and phone in full, and is recorded.
func (v *visit) reveal() error {
	f, err := v.file()
	if err != nil {
		return err
	}
	by := v.by("")
	err = v.office.DB.LogAccess(v.r.Context(), v.office.Region, by, journal.Access{Action: journal.Viewed, Subject: "身份证号、账号、电话", Person: f.Now.Number})
	if err != nil {
		return err
	}
	if v.r.Header.Get("HX-Request") != "" {
		return v.part("person", "numbers", &personData{File: f, Shown: true})
	}
	d, err := v.personData(f)
	if err != nil {
		return err
	}
	d.Shown = true
	return v.page("person", f.Now.Name, d)
}

// maskPhone leaves the first three and the last two digits.
func maskPhone(s string) string {
	r := []rune(s)
	if len(r) < 7 {
		return strings.Repeat("*", len(r))
	}
	return string(r[:3]) + strings.Repeat("*", len(r)-5) + string(r[len(r)-2:])
}
