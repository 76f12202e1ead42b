package policies

import (
	"os"
	"path/filepath"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/office"
	"disburse/internal/policy"
	"disburse/internal/store/rules"
	"disburse/reports/worklists"
)

// effectFile is the work list of a pack's effect on its way to a file; nil: none is wanted.
type effectFile struct {
	path  string
	tmp   *os.File
	list  *worklists.EffectList
	packs []*policy.Pack // for the names of items
}

// newEffectFile begins the list beside its place; path may be empty.
func newEffectFile(path string, present, pack *policy.Pack, day month.Date) (*effectFile, error) {
	if path == "" {
		return nil, nil
	}
	if err := office.Replaceable(path, office.TitleEnds("影响清单")); err != nil {
		return nil, err
	}
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".影响清单-*")
	if err != nil {
		return nil, fault.Wrap(err, fault.Refused, "不能写到“%s”，请检查目录和权限", path)
	}
	list, err := worklists.NewEffectList(dir, pack.Hash[:12], day)
	if err != nil {
		tmp.Close()
		os.Remove(tmp.Name())
		return nil, err
	}
	return &effectFile{path, tmp, list, []*policy.Pack{pack, present}}, nil
}

func (e *effectFile) add() func(*rules.EffectRow) error {
	if e == nil {
		return nil
	}
	return func(r *rules.EffectRow) error {
		return e.list.Add(&worklists.EffectRow{Item: r.Item + " " + ItemName(r.Item, e.packs...), Payee: r.Payee, Month: r.Month, Amount: r.Amount,
			ID: r.ID, Name: r.Name, Street: r.Street})
	}
}

// save moves the list to its place whole.
func (e *effectFile) save() error {
	if e == nil {
		return nil
	}
	err := e.list.Write(e.tmp)
	if closeErr := e.tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(e.tmp.Name(), e.path)
	}
	if err != nil {
		return fault.Wrap(err, fault.Refused, "不能写到“%s”，请检查磁盘空间和权限", e.path)
	}
	return nil
}

func (e *effectFile) close() {
	if e == nil {
		return
	}
	e.list.Close()
	e.tmp.Close()
	os.Remove(e.tmp.Name()) // gone already where it was saved
}
