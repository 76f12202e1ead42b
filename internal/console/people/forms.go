package people

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/office/rosters"
	"disburse/internal/roster"
	"disburse/internal/store/books"
)

// whoChange changes name, address, telephone, dates and 代领人, never the account, which needs a
// second person.
var whoChange = changeKind{
	begin: func(v *web.Visit, f *books.PersonFile) (*changeData, error) {
		d := &changeData{Title: "更改基本信息", Path: fmt.Sprintf("/people/%d/change/who", f.Now.Number)}
		d.Fields = whoFields(v, &f.Now.Person)
		return d, nil
	},
	read: func(v *web.Visit, f *books.PersonFile, d *changeData) (*rosters.PersonChange, error) {
		p := f.Now.Person
		if err := readWho(v, &p, d.Fields); err != nil {
			return nil, err
		}
		return &rosters.PersonChange{Dossier: roster.Dossier{Person: p}, Columns: whoColumns}, nil
	},
}

// whoColumns are the columns of the sheet 人员 that the form has: all but the account.
var whoColumns = roster.Columns{Name: true, Street: true, Community: true, Address: true, Phone: true, MovedIn: true, MovedOut: true, Died: true,
	Deputy: true, DeputyRelation: true, DeputyReason: true}

// noPhone is typed to remove the telephone number; an empty field keeps it.
const noPhone = "无"

// readWho parses what was typed into a person, and puts it back into the form.
func readWho(v *web.Visit, p *roster.Person, fields []changeField) error {
	p.Name, p.Street, p.Community, p.Address = v.Form("name"), v.Form("street"), v.Form("community"), v.Form("address")
	switch phone := v.Form("phone"); phone {
	case "":
	case noPhone:
		p.Phone = ""
	default:
		p.Phone = phone
	}
	for i := range fields {
		fields[i].Value = v.Form(fields[i].Name)
	}
	for _, date := range []struct {
		label, name string
		to          *month.Date
	}{{"迁入日期", "moved_in", &p.MovedIn}, {"迁出日期", "moved_out", &p.MovedOut}, {"死亡日期", "died", &p.Died}} {
		var err error
		if *date.to, err = dateOr0(date.label, v.Form(date.name)); err != nil {
			return web.OnInput(date.name, date.label, err)
		}
	}
	p.Deputy = roster.Deputy{Name: v.Form("deputy"), Relation: v.Form("relation"), Reason: v.Form("deputy_reason")}
	return nil
}

// whoFields are the inputs. The telephone number is masked, as on the person's page.
func whoFields(v *web.Visit, p *roster.Person) []changeField {
	var streets []string
	for _, s := range v.Office.Pack.File.Streets {
		streets = append(streets, s.Value)
	}
	if !slices.Contains(streets, p.Street) {
		streets = append([]string{p.Street}, streets...)
	}
	phone := ""
	switch {
	case p.Number == 0: // a new person
	case p.Phone == "":
		phone = "现在没有登记"
	default:
		phone = "现在是 " + maskPhone(p.Phone) + "；不填表示不变，填“无”表示没有"
	}
	return []changeField{
		{Label: "姓名", Name: "name", Value: p.Name}, {Label: "街道", Name: "street", Value: p.Street, Options: streets},
		{Label: "社区", Name: "community", Value: p.Community}, {Label: "住址", Name: "address", Value: p.Address},
		{Label: "电话", Name: "phone", Hint: phone},
		{Label: "迁入日期", Name: "moved_in", Value: p.MovedIn.String(), Hint: "如 2026-11-03"},
		{Label: "迁出日期", Name: "moved_out", Value: p.MovedOut.String()},
		{Label: "死亡日期", Name: "died", Value: p.Died.String()},
		{Label: "代领人", Name: "deputy", Value: p.Deputy.Name, Hint: "款项由别人代领，或本人去世后由谁领取；账户另行申请变更"},
		{Label: "代领关系", Name: "relation", Value: p.Deputy.Relation, Hint: "如：女儿"},
		{Label: "代领原因", Name: "deputy_reason", Value: p.Deputy.Reason},
	}
}

// dateOr0 parses a date; empty is 0. Errors: fault.Invalid with the label of the input.
func dateOr0(label, text string) (month.Date, error) {
	if text == "" {
		return 0, nil
	}
	d, err := month.ParseDate(text)
	if err != nil {
		return 0, fault.New(fault.Invalid, "%s“%s”：%s", label, text, err.Error())
	}
	return d, nil
}

// monthOr0 parses a month; empty is 0. Errors: as dateOr0.
func monthOr0(label, text string) (month.Month, error) {
	if text == "" {
		return 0, nil
	}
	m, err := month.Parse(text)
	if err != nil {
		return 0, fault.New(fault.Invalid, "%s“%s”：%s", label, text, err.Error())
	}
	return m, nil
}

// factChange restates the whole history of one fact.
var factChange = changeKind{
	begin: func(v *web.Visit, f *books.PersonFile) (*changeData, error) {
		kind, ok := v.Office.Pack.Vocabulary().Fact(v.Form("fact"))
		if !ok {
			return nil, fault.New(fault.NotFound, "规则包里没有情况“%s”，请从此人的页面选择", v.Form("fact"))
		}
		d := &changeData{Title: "情况 " + kind.Name, Path: fmt.Sprintf("/people/%d/change/fact?fact=%s", f.Now.Number, url.QueryEscape(kind.Name)), Hint: kind.Note}
		d.Heads = []string{"值", "起", "止", "依据"}
		for _, x := range f.Now.Facts {
			if x.Name == kind.Name {
				d.Rows = append(d.Rows, factRow(&kind, x.Value, x.Since.String(), x.Until.String(), x.Basis))
			}
		}
		d.Rows = append(d.Rows, factRow(&kind, "", "", "", ""))
		return d, nil
	},
	read: func(v *web.Visit, f *books.PersonFile, d *changeData) (*rosters.PersonChange, error) {
		kind, _ := v.Office.Pack.Vocabulary().Fact(v.Form("fact"))
		rows, wrong := typedRows(v, "value", "since", "until", "basis")
		d.Rows = nil
		x := &rosters.PersonChange{Dossier: roster.Dossier{Person: f.Now.Person}}
		for i, r := range rows {
			d.Rows = append(d.Rows, factRow(&kind, r[0], r[1], r[2], r[3]))
			fact := roster.Fact{Name: kind.Name, Value: r[0], Basis: r[3]}
			if err := readDates(&fact, r); err != nil && wrong == nil {
				wrong = inRow(i, err)
			}
			if fact.Value == "" && wrong == nil {
				wrong = inRow(i, web.BadInput("value", "值", "没有填值；要删去一行，请把整行清空"))
			}
			if fact.Basis == "" && !slices.ContainsFunc(f.Now.Facts, func(k roster.Fact) bool { k.Rev = 0; return k == fact }) {
				fact.Basis = d.Reason
			}
			x.Dossier.Facts = append(x.Dossier.Facts, fact)
		}
		if len(rows) == 0 {
			x.Dossier.Facts = []roster.Fact{{Name: kind.Name}}
		}
		d.Rows = append(d.Rows, factRow(&kind, "", "", "", ""))
		return x, wrong
	},
}

// inRow adds the row of the form, from 0, to an error.
func inRow(i int, err error) error {
	row := &web.InputError{Cause: fault.New(fault.Invalid, "表里第 %d 行：%s", i+1, err.Error())}
	var on *web.InputError
	if errors.As(err, &on) {
		for _, x := range on.Inputs {
			row.Inputs = append(row.Inputs, web.InvalidInput{Name: x.Name, Label: x.Label, Row: i})
		}
	}
	return row
}

// readDates parses since and until of a row of facts.
func readDates(fact *roster.Fact, r []string) (err error) {
	if fact.Since, err = dateOr0("起", r[1]); err != nil {
		return web.OnInput("since", "起", err)
	}
	fact.Until, err = dateOr0("止", r[2])
	return web.OnInput("until", "止", err)
}

// factRow makes the inputs of a row of facts, by the type of the fact.
func factRow(kind *roster.FactKind, value, since, until, basis string) []changeField {
	cell := changeField{Label: "值", Name: "value", Value: value}
	switch kind.Type {
	case roster.Flag:
		cell.Options = []string{"", "是"}
	case roster.Choice:
		cell.Options = append([]string{""}, kind.Values...)
	case roster.Choices:
		cell.Hint = "可选：" + strings.Join(kind.Values, "、")
	}
	if cell.Options != nil && !slices.Contains(cell.Options, value) {
		cell.Options = append(cell.Options, value)
	}
	return []changeField{cell, {Label: "起", Name: "since", Value: since}, {Label: "止", Name: "until", Value: until}, {Label: "依据", Name: "basis", Value: basis}}
}

// maxRows is the longest history that a form takes.
const maxRows = 200

// typedRows are the rows of a history as typed, without empty ones. A history that is too long
// is refused (fault.Invalid): registering its first rows would delete the others.
func typedRows(v *web.Visit, names ...string) (rows [][]string, err error) {
	n := len(v.R.PostForm[names[0]])
	if n > maxRows {
		n, err = maxRows, fault.New(fault.Invalid, "超过 %d 行，页面上不能登记，请用花名册工作簿导入", maxRows)
	}
	for i := range n {
		var row []string
		for _, name := range names {
			text := ""
			if all := v.R.PostForm[name]; i < len(all) {
				text = strings.TrimSpace(all[i])
			}
			row = append(row, text)
		}
		if strings.Join(row, "") != "" {
			rows = append(rows, row)
		}
	}
	return rows, err
}

// awardChange restates all 核定金额 of one item of the user's bureau.
var awardChange = changeKind{
	begin: func(v *web.Visit, f *books.PersonFile) (*changeData, error) {
		code := v.Form("item")
		if !slices.ContainsFunc(ownItems(v, v.Office.Pack.Vocabulary().Items), func(it roster.ItemName) bool { return it.Code == code }) {
			return nil, fault.New(fault.Denied, "项目“%s”没有核定金额，或由别的单位发放，请从此人的页面选择", code)
		}
		d := &changeData{Title: "核定金额 " + code + " " + itemName(v, code), Path: fmt.Sprintf("/people/%d/change/award?item=%s", f.Now.Number, url.QueryEscape(code))}
		d.Heads = []string{"每月金额（元）", "起始月", "终止月", "收款单位", "依据"}
		for _, a := range f.Now.Awards {
			if a.Item == code {
				d.Rows = append(d.Rows, awardRow(a.Amount.String(), a.First.String(), a.Last.String(), a.Payee, a.Basis))
			}
		}
		d.Rows = append(d.Rows, awardRow("", "", "", "", ""))
		return d, nil
	},
	read: func(v *web.Visit, f *books.PersonFile, d *changeData) (*rosters.PersonChange, error) {
		code := v.Form("item")
		rows, wrong := typedRows(v, "amount", "first", "last", "payee", "basis")
		d.Rows = nil
		x := &rosters.PersonChange{Dossier: roster.Dossier{Person: f.Now.Person}}
		for i, r := range rows {
			d.Rows = append(d.Rows, awardRow(r[0], r[1], r[2], r[3], r[4]))
			a, err := readAward(code, r)
			if err != nil && wrong == nil {
				wrong = inRow(i, err)
			}
			if a.Basis == "" && !slices.ContainsFunc(f.Now.Awards, func(k roster.Award) bool { k.Rev = 0; return k == a }) {
				a.Basis = d.Reason
			}
			x.Dossier.Awards = append(x.Dossier.Awards, a)
		}
		if len(rows) == 0 {
			x.Dossier.Awards = []roster.Award{{Item: code}}
		}
		d.Rows = append(d.Rows, awardRow("", "", "", "", ""))
		return x, wrong
	},
}

// readAward parses a row of 核定金额.
func readAward(code string, r []string) (roster.Award, error) {
	a := roster.Award{Item: code, Payee: r[3], Basis: r[4]}
	var err error
	if a.Amount, err = money.Parse(r[0]); err != nil {
		return a, web.BadInput("amount", "金额", "金额“%s”：%s", r[0], err.Error())
	}
	if a.Amount <= 0 {
		return a, web.BadInput("amount", "金额", "金额要大于 0；要删去一行，请把整行清空")
	}
	if a.First, err = monthOr0("起始月", r[1]); err != nil {
		return a, web.OnInput("first", "起始月", err)
	}
	a.Last, err = monthOr0("终止月", r[2])
	return a, web.OnInput("last", "终止月", err)
}

// awardRow makes the inputs of a row of 核定金额.
func awardRow(amount, first, last, payee, basis string) []changeField {
	return []changeField{{Label: "金额", Name: "amount", Value: amount}, {Label: "起始月", Name: "first", Value: first},
		{Label: "终止月", Name: "last", Value: last}, {Label: "收款单位", Name: "payee", Value: payee}, {Label: "依据", Name: "basis", Value: basis}}
}
