package people

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/office"
	"disburse/internal/roster"
	"disburse/internal/store/books"
	"disburse/internal/store/signing"
)

func ChangeRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /people/{person}/change/who", Posts: web.Clerk, Do: changeForm(whoChange)},
		{Pattern: "POST /people/{person}/change/who", Posts: web.Clerk, Do: changeForm(whoChange)},
		{Pattern: "GET /people/new", Posts: web.Clerk, Do: newPersonForm},
		{Pattern: "POST /people/new", Posts: web.Clerk, Do: newPersonForm},
		{Pattern: "GET /people/{person}/change/number", Posts: web.Clerk, Do: changeForm(numberChange)},
		{Pattern: "POST /people/{person}/change/number", Posts: web.Clerk, Do: changeForm(numberChange)},
		{Pattern: "GET /people/{person}/change/fact", Posts: web.Clerk, Do: changeForm(factChange)},
		{Pattern: "POST /people/{person}/change/fact", Posts: web.Clerk, Do: changeForm(factChange)},
		{Pattern: "GET /people/{person}/change/award", Posts: web.Clerk, Do: changeForm(awardChange)},
		{Pattern: "POST /people/{person}/change/award", Posts: web.Clerk, Do: changeForm(awardChange)},
	}
}

// changeData is a form in which a person is changed, with what the change would do.
type changeData struct {
	Who    *roster.Person
	Title  string
	Path   string
	Hint   string
	Fields []changeField        // one under the other
	Heads  []string             // of Rows
	Rows   [][]changeField      // a history, its last row empty
	Reason string               // the document
	Trial  *signing.RosterTrial // what was tried; nil: not yet
	Waits  string               // what of Trial would wait for a second person; empty: nothing
	Other  bool                 // something else was tried before, and was to be done
	Mine   []signing.ImportEffect
	Tried  string // digest of what was tried: only that can be done
	Known  string // digest of what was known when the form was opened
}

// changeField is one input.
type changeField struct {
	Label, Name, Value string
	Hint               string
	Options            []string // choose one; nil: type it
}

// changeKind is one kind of form. begin shows what is known, read turns what was typed
// into a change, and puts it back into the form.
type changeKind struct {
	begin func(v *web.Visit, f *books.PersonFile) (*changeData, error)
	read  func(v *web.Visit, f *books.PersonFile, d *changeData) (*office.PersonChange, error)
}

// changeForm shows a form, tries what was typed, and does what was tried.
func changeForm(kind changeKind) func(*web.Visit) error {
	return func(v *web.Visit) error {
		f, err := file(v)
		if err != nil {
			return err
		}
		d, err := kind.begin(v, f)
		if err != nil {
			return err
		}
		d.Who, d.Known = &f.Now.Person, knownDigest(f)
		if v.R.Method == http.MethodGet {
			return v.Page("change", d.Title, d)
		}
		return change(v, f, d, kind)
	}
}

func change(v *web.Visit, f *books.PersonFile, d *changeData, kind changeKind) error {
	d.Reason = v.Typed("reason")
	x, err := kind.read(v, f, d)
	if known := v.Form("known"); known != "" && known != d.Known {
		d.Known = known // what is typed here stays refused
		err = fault.New(fault.Refused, "打开这一页以后，此人的资料又有改动，没有登记；请从此人的页面重新填写")
	}
	if err == nil && d.Reason == "" {
		err = web.BadInput("reason", "依据的材料", "请写明依据的材料，没有依据不能登记")
	}
	if err != nil {
		return v.Refuse(err, "change", "change", d.Title, d)
	}
	x.By = v.By(d.Reason)
	x.Title = fmt.Sprintf("页面登记：%s %s %s", f.Now.Name, roster.MaskID(f.Now.ID), d.Title)
	if done(v, x) {
		return changeNow(v, f, d, x)
	}
	return showTried(v, d, x, tryChange(v, d, x))
}

// done reports whether the form wants done what was tried. Another change is tried first.
func done(v *web.Visit, x *office.PersonChange) bool {
	return v.Form("step") == "do" && v.Form("tried") == triedDigest(x)
}

// showTried shows what came of a trial: what the change would do, or what is wrong with it.
func showTried(v *web.Visit, d *changeData, x *office.PersonChange, err error) error {
	if err != nil {
		return v.Refuse(err, "change", "change", d.Title, d)
	}
	d.Tried, d.Other = triedDigest(x), v.Form("step") == "do"
	return v.Page("change", d.Title, d)
}

// knownDigest tells whether something became known of the person: a form restates whole
// histories and must not undo what somebody else has just said.
func knownDigest(f *books.PersonFile) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%+v", *f.Now))
	return hex.EncodeToString(sum[:])
}

// triedDigest tells whether a change is the one that was tried. It is of what would become
// known, not of the form: a form that is shown again has one more blank row.
func triedDigest(x *office.PersonChange) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%#v %#v %q %q", x.Dossier, x.Columns, x.Former, x.By.Reason))
	return hex.EncodeToString(sum[:])
}

// problems are what is wrong with the form, with the inputs that it is about.
func (d *changeData) problems(all []roster.Problem) error {
	err := &web.InputError{Cause: fault.New(fault.Invalid, "%s", office.FormProblems(all, len(d.Rows) > 0))}
	for _, p := range all {
		fields, row := d.Fields, 0
		if len(d.Rows) > 0 {
			row = p.Place.Row - 2 // a workbook has a row of headings
			if row < 0 || row >= len(d.Rows) {
				continue
			}
			fields = d.Rows[row]
		}
		for i := range fields {
			if f := &fields[i]; f.Label == p.Column && !p.Beside {
				err.Inputs = append(err.Inputs, web.WrongInput{Name: f.Name, Label: f.Label, Row: row})
			}
		}
	}
	return err
}

func tryChange(v *web.Visit, d *changeData, x *office.PersonChange) error {
	trial, err := v.Office.TryChange(v.R.Context(), x)
	if err != nil {
		return err
	}
	if len(trial.Problems) > 0 {
		return d.problems(trial.Problems)
	}
	waits := changeWaits(x, trial.Report)
	if trial.Rev == 0 && waits != "" {
		return fault.New(fault.Refused, "同样的变更已经申请过，没有要改动的；%s%s", waits, seeAccounts)
	}
	if trial.Rev == 0 {
		return fault.New(fault.Invalid, "与已经登记的相同，没有要改动的")
	}
	d.Trial, d.Waits = trial, waits
	for _, e := range trial.Effects {
		if v.Sees(e.Batch.Bureau) {
			d.Mine = append(d.Mine, e)
		}
	}
	return nil
}

func changeNow(v *web.Visit, f *books.PersonFile, d *changeData, x *office.PersonChange) error {
	report, err := v.Office.ChangePerson(v.R.Context(), x)
	if err != nil {
		return v.Refuse(err, "change", "change", d.Title, d)
	}
	return v.GoTo(fmt.Sprintf("/people/%d", f.Now.Number), changeSentence(report, changeWaits(x, report)))
}

// seeAccounts names the page on which what waits is answered.
const seeAccounts = "（见“账户变更”）"

// changeWaits says what of a change waits for a second person; empty where nothing does. A
// form with a 代领人 has no account: the 代领人 waits with an account asked for before.
func changeWaits(x *office.PersonChange, r *roster.Report) string {
	waits := office.ImportWaits(r)
	if waits != "" && x.Columns.Deputy {
		return "代领人和已经申请的账户变更一起等待第二人确认，确认以前仍按原来登记的发放"
	}
	return waits
}

// changeSentence says what became of a change: nobody may take for known what only waits.
func changeSentence(r *roster.Report, waits string) string {
	known := r.NewPeople+r.ChangedPeople+r.ChangedFacts+r.ChangedAwards > 0
	switch {
	case r.Rev == 0 && waits == "":
		return "与已经登记的相同，没有改动"
	case r.Rev == 0:
		return "同样的变更已经申请过，没有改动；" + waits + seeAccounts
	case waits == "":
		return fmt.Sprintf("已登记（修订 %d），下次计算时生效", r.Rev)
	case known:
		return fmt.Sprintf("已登记（修订 %d），下次计算时生效；另有%s%s", r.Rev, waits, seeAccounts)
	}
	return fmt.Sprintf("已申请（修订 %d），还没有生效，%s%s", r.Rev, waits, seeAccounts)
}
