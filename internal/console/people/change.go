package people

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/office/rosters"
	"disburse/internal/roster"
	"disburse/internal/store/books"
	"disburse/internal/store/signing"
)

// changeData is a form for changing a person, with the result of the dry run.
type changeData struct {
	Who    *roster.Person
	Title  string
	Path   string
	Hint   string
	Fields []changeField        // single inputs
	Heads  []string             // column headings of Rows
	Rows   [][]changeField      // a history as a table, the last row empty
	Reason string               // the document it is based on
	Trial  *signing.RosterTrial // result of the dry run; nil: none yet
	Waits  string               // what would be pending for a second person; empty: nothing
	Other  bool                 // the form was changed after the dry run, so this is a new one
	Mine   []signing.ImportEffect
	Tried  string // digest of the change that was tried: only that can be registered
	Known  string // digest of the person when the form was opened
}

// changeField is one input of the form.
type changeField struct {
	Label, Name, Value string
	Hint               string
	Options            []string // of a select; nil: a text input
}

// changeKind is one kind of form. begin fills it with the registered values; read parses what
// was typed into a change and puts it back into the form, in case it is shown again.
type changeKind struct {
	begin func(v *web.Visit, f *books.PersonFile) (*changeData, error)
	read  func(v *web.Visit, f *books.PersonFile, d *changeData) (*rosters.PersonChange, error)
}

// changeForm handles a form in three steps: show it, dry run, register what was tried.
func changeForm(kind changeKind) func(*web.Visit) error {
	return func(v *web.Visit) error {
		f, err := personFile(v)
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
		return submitChange(v, f, d, kind)
	}
}

func submitChange(v *web.Visit, f *books.PersonFile, d *changeData, kind changeKind) error {
	d.Reason = v.Typed("reason")
	x, err := kind.read(v, f, d)
	if known := v.Form("known"); known != "" && known != d.Known {
		d.Known = known // on the next submission the user has seen the new values
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
	if confirmed(v, x) {
		return registerChange(v, f, d, x)
	}
	return showTried(v, d, x, tryChange(v, d, x))
}

// confirmed reports whether the form confirms the change that was tried. If it was changed since,
// it is tried again first.
func confirmed(v *web.Visit, x *rosters.PersonChange) bool {
	return v.Form("step") == "do" && v.Form("tried") == triedDigest(x)
}

// showTried shows the result of a dry run, or its error.
func showTried(v *web.Visit, d *changeData, x *rosters.PersonChange, err error) error {
	if err != nil {
		return v.Refuse(err, "change", "change", d.Title, d)
	}
	d.Tried, d.Other = triedDigest(x), v.Form("step") == "do"
	return v.Page("change", d.Title, d)
}

// knownDigest is a digest of a person's data. It prevents lost updates: a form restates whole
// histories and would otherwise overwrite what somebody else has registered meanwhile.
func knownDigest(f *books.PersonFile) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%+v", *f.Now))
	return hex.EncodeToString(sum[:])
}

// triedDigest is a digest of a change. It covers what would be registered, not the form: a form
// that is shown again has one more blank row.
func triedDigest(x *rosters.PersonChange) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%#v %#v %q %q", x.Dossier, x.Columns, x.Former, x.By.Reason))
	return hex.EncodeToString(sum[:])
}

// problems turns problems of a dry run into an error with the inputs they are about.
func (d *changeData) problems(all []roster.Problem) error {
	err := &web.InputError{Cause: fault.New(fault.Invalid, "%s", rosters.FormProblems(all, len(d.Rows) > 0))}
	for _, p := range all {
		fields, row := d.Fields, 0
		if len(d.Rows) > 0 {
			row = p.Place.Row - 2 // rows are counted as in a workbook, after a row of headings
			if row < 0 || row >= len(d.Rows) {
				continue
			}
			fields = d.Rows[row]
		}
		for i := range fields {
			if f := &fields[i]; f.Label == p.Column && !p.Beside {
				err.Inputs = append(err.Inputs, web.InvalidInput{Name: f.Name, Label: f.Label, Row: row})
			}
		}
	}
	return err
}

// tryChange does the dry run of a change. Errors: fault.Invalid for problems or no change at all;
// fault.Refused if the same change is pending already.
func tryChange(v *web.Visit, d *changeData, x *rosters.PersonChange) error {
	trial, err := rosters.TryChange(v.R.Context(), v.Office, x)
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

// registerChange registers the change.
func registerChange(v *web.Visit, f *books.PersonFile, d *changeData, x *rosters.PersonChange) error {
	report, err := rosters.ChangePerson(v.R.Context(), v.Office, x)
	if err != nil {
		return v.Refuse(err, "change", "change", d.Title, d)
	}
	return v.Redirect(fmt.Sprintf("/people/%d", f.Now.Number), changeSentence(report, changeWaits(x, report)))
}

// seeAccounts refers to the page where pending changes are answered.
const seeAccounts = "（见“账户变更”）"

// changeWaits says what of a change is pending for a second person; empty: nothing. A form with a
// 代领人 has no account: a new 代领人 is pending together with an earlier account request.
func changeWaits(x *rosters.PersonChange, r *roster.Report) string {
	waits := rosters.ImportWaits(r)
	if waits != "" && x.Columns.Deputy {
		return "代领人和已经申请的账户变更一起等待第二人确认，确认以前仍按原来登记的发放"
	}
	return waits
}

// changeSentence is the result of a change. It distinguishes registered from pending, so that
// nobody takes a pending change for effective.
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
