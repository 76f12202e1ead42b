package people

import (
	"fmt"
	"net/http"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/office/rosters"
	"disburse/internal/roster"
	"disburse/internal/store/books"
	"disburse/internal/store/people"
)

// numberChange corrects an ID number (更正身份证号). It remains the same person; the birth date
// follows from the new number.
var numberChange = changeKind{
	begin: func(v *web.Visit, f *books.PersonFile) (*changeData, error) {
		d := &changeData{Title: "更正身份证号", Path: fmt.Sprintf("/people/%d/change/number", f.Now.Number),
			Hint: "改正登记错了的号码，或把临时编号换成身份证号，仍是同一个人，待遇按新号码里的出生日期重新计算。号码属于另一条记录的，请合并人员。"}
		d.Fields = []changeField{{Label: "正确的身份证号", Name: "id"}, {Label: "再填一次", Name: "again"}}
		return d, nil
	},
	read: func(v *web.Visit, f *books.PersonFile, d *changeData) (*rosters.PersonChange, error) {
		id := roster.CleanID(v.Form("id"))
		d.Fields[0].Value, d.Fields[1].Value = v.Form("id"), v.Form("again")
		switch {
		case id != roster.CleanID(v.Form("again")):
			return nil, web.BadInput("again", "再填一次", "两次填的号码不一样，请重新填写")
		case id == f.Now.ID:
			return nil, web.BadInput("id", "正确的身份证号", "这就是现在登记的号码，没有要更正的")
		case roster.Temporary(id):
			return nil, web.BadInput("id", "正确的身份证号", "“%s”是临时编号，请填写身份证号", id)
		}
		p := f.Now.Person
		p.ID, p.Birth = id, 0
		return &rosters.PersonChange{Dossier: roster.Dossier{Person: p}, Columns: roster.Columns{Name: true}, Former: f.Now.ID}, nil
	},
}

// newPersonForm registers a person, without an account: that is requested on the person's page
// and needs a second person.
func newPersonForm(v *web.Visit) error {
	d := &changeData{Title: "登记新人员", Path: "/people/new", Hint: "账户在登记以后到此人的页面申请，由另一个人确认；情况和核定金额也在那里登记。"}
	d.Fields = append([]changeField{
		{Label: "身份证号", Name: "id", Hint: "没有身份证号的，填临时编号，如 临-0001"},
		{Label: "出生日期", Name: "birth", Hint: "只有临时编号要填，如 1944-03-05"},
	}, whoFields(v, &roster.Person{})...)
	if v.R.Method == http.MethodGet {
		return v.Page("change", d.Title, d)
	}
	return newPerson(v, d)
}

// newPerson handles the submitted form: dry run first, then registration.
func newPerson(v *web.Visit, d *changeData) error {
	d.Reason = v.Typed("reason")
	x, err := readNew(v, d)
	if err == nil && d.Reason == "" {
		err = web.BadInput("reason", "依据的材料", "请写明依据的材料，没有依据不能登记")
	}
	if err != nil {
		return v.Refuse(err, "change", "change", d.Title, d)
	}
	x.By = v.By(d.Reason)
	x.Title = fmt.Sprintf("页面登记：新人员 %s", roster.MaskID(x.Dossier.ID))
	if err = tryNew(v, d, x); err == nil && confirmed(v, x) {
		return registerNew(v, d, x)
	}
	return showTried(v, d, x, err)
}

// readNew parses the form of a new person.
func readNew(v *web.Visit, d *changeData) (*rosters.PersonChange, error) {
	var p roster.Person
	if err := readWho(v, &p, d.Fields); err != nil {
		return nil, err
	}
	p.ID = roster.CleanID(v.Form("id"))
	if p.ID == "" {
		return nil, web.BadInput("id", "身份证号", "请填写身份证号；没有身份证号的，填临时编号，如 临-0001")
	}
	var err error
	if p.Birth, err = dateOr0("出生日期", v.Form("birth")); err != nil {
		return nil, web.OnInput("birth", "出生日期", err)
	}
	if !roster.Temporary(p.ID) && p.Birth != 0 && p.Birth != roster.BirthOf(p.ID) {
		return nil, web.BadInput("birth", "出生日期", "出生日期“%s”与身份证号里的不一致，请核对", v.Form("birth"))
	}
	columns := whoColumns
	columns.Birth = roster.Temporary(p.ID)
	return &rosters.PersonChange{Dossier: roster.Dossier{Person: p}, Columns: columns}, nil
}

// tryNew does the dry run. Errors: fault.Refused if the number is registered already, as the form
// would then change that person.
func tryNew(v *web.Visit, d *changeData, x *rosters.PersonChange) error {
	taken := fault.New(fault.Refused, "证件号码“%s”已经登记，请到“查找”里找到此人，在此人的页面更改", roster.MaskID(x.Dossier.ID))
	if err := tryChange(v, d, x); err != nil {
		if d.Trial == nil && fault.Is(err, fault.Invalid) {
			if known, _ := people.ByNumberPrefix(v.R.Context(), v.Office.DB, v.Office.Region, x.Dossier.ID); len(known) > 0 {
				return taken
			}
		}
		return err
	}
	if d.Trial.NewPeople == 0 {
		d.Trial = nil
		return taken
	}
	return nil
}

// registerNew registers the person and redirects to their page.
func registerNew(v *web.Visit, d *changeData, x *rosters.PersonChange) error {
	report, err := rosters.ChangePerson(v.R.Context(), v.Office, x)
	if err != nil {
		d.Trial = nil
		return v.Refuse(err, "change", "change", d.Title, d)
	}
	where := "/people"
	numbers, err := people.ByNumberPrefix(v.R.Context(), v.Office.DB, v.Office.Region, x.Dossier.ID)
	if err != nil {
		return err
	}
	if len(numbers) == 1 {
		where = fmt.Sprintf("/people/%d", numbers[0])
	}
	return v.Redirect(where, fmt.Sprintf("已登记新人员（修订 %d），下次计算时生效；账户请在这一页申请", report.Rev))
}
