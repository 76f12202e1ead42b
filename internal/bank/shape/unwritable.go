package shape

import (
	"fmt"

	"disburse/internal/bank/field"
	"disburse/internal/policy/packfile"
	"disburse/internal/roster"
)

// Unwritable returns a function that says why the file of an account's bank cannot hold
// the account or the 证件号码 of its payment; empty when it can. It may be called by
// several goroutines.
func Unwritable(file *packfile.File) func(a roster.Account, id string) string {
	type paid struct {
		bank, agent string
		shape       *Shape
	}
	byName := map[string]paid{}
	for i := range file.Banks {
		b := &file.Banks[i]
		agent := file.PayingBank(b.Name.Value)
		def := file.ShapeOf(agent)
		if def == nil {
			continue
		}
		p := paid{b.Name.Value, agent, New(def)}
		byName[b.Name.Value] = p
		for _, alias := range b.Aliases {
			byName[alias.Value] = p
		}
	}
	return func(a roster.Account, id string) string {
		p, ok := byName[a.Bank]
		if !ok {
			return ""
		}
		a.Bank = p.bank
		if why := p.shape.refuses(a, id); why != "" {
			return fmt.Sprintf("“%s”的银行文件%s", p.agent, why)
		}
		return ""
	}
}

// refuses says which field of a payment the shape cannot hold, and why.
func (s *Shape) refuses(a roster.Account, id string) string {
	columns := s.columns
	if s.other(a.Bank) {
		columns = s.otherColumns
	}
	d := &field.Data{Payment: &field.Payment{Account: a, ID: id}}
	for i := range columns {
		f := columns[i].field
		if f == nil || f.From != field.FromPerson {
			continue
		}
		text := f.Value(d).Text
		if why := s.lacks(columns[i].Cell, s.mapped(text)); why != "" {
			return fmt.Sprintf("写不下%s“%s”：%s", f.Name, text, why)
		}
	}
	return ""
}
