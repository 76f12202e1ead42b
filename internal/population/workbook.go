package population

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/xuri/excelize/v2"

	"disburse/internal/fault"
	"disburse/internal/roster"
)

// WriteRoster writes the first roster as a workbook, with the pack's vocabulary.
// progress, which may be nil, hears of how many people are written. It fails where
// the file cannot be written, and leaves nothing behind then.
func (p *Population) WriteRoster(path string, v *roster.Vocabulary, progress func(people int)) error {
	w, err := roster.NewWriter(path, v)
	if err != nil {
		return fmt.Errorf("start roster: %w", err)
	}
	if err := p.writeAll(w, progress); err != nil {
		w.Discard() // the error that led here says more
		return fmt.Errorf("write roster: %w", err)
	}
	return w.Close()
}

func (p *Population) writeAll(w *roster.Writer, progress func(int)) error {
	for i := range payees {
		if err := w.Payee(&payees[i]); err != nil {
			return err
		}
	}
	const step = 1000
	n := 0
	return p.Each(func(d *roster.Dossier) error {
		if n++; progress != nil && (n%step == 0 || n == p.o.People) {
			progress(n)
		}
		return w.Person(d)
	})
}

// The sheets of a workbook of changes and their headings (interface.md, 花名册).
var changeSheets = []struct {
	name     string
	headings []any
}{
	{sheetPeople, []any{"姓名", "身份证号", "街道", "社区", "住址", "电话", "迁入日期", "迁出日期", "死亡日期",
		"开户银行", "银行账号", "账户户名", "代领人", "代领关系", "代领原因", "原身份证号", "出生日期"}},
	{sheetFacts, []any{"身份证号", "情况", "值", "起", "止", "依据"}},
	{sheetAwards, []any{"身份证号", "项目", "金额", "起始月", "终止月", "收款单位", "依据"}},
}

const (
	sheetPeople = "人员"
	sheetFacts  = "情况"
	sheetAwards = "核定金额"
)

// WriteChanges writes what Changes returned as a roster workbook that holds only that.
// roster.Writer says all there is of a person; a change also has former ID numbers,
// histories without their person, and facts that never were. It fails with
// fault.Refused where the file cannot be written, and leaves nothing behind then.
func WriteChanges(path string, c *roster.Import) error {
	f := excelize.NewFile()
	defer f.Close()
	rows := [][][]any{personRows(c.People), factRows(c.Facts), awardRows(c.Awards)}
	for i, s := range changeSheets {
		if err := writeSheet(f, s.name, s.headings, rows[i]); err != nil {
			return fmt.Errorf("write changes: %w", err)
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		return fmt.Errorf("write changes: %w", err)
	}
	const epoch = "2000-01-01T00:00:00Z" // never the clock: same changes, same bytes
	if err := f.SetDocProps(&excelize.DocProperties{Title: "花名册变更", Creator: "disburse", Created: epoch, Modified: epoch}); err != nil {
		return fmt.Errorf("write changes: %w", err)
	}
	if err := save(f, path); err != nil {
		return fault.Wrap(err, fault.Refused, "文件“%s”写不进去，请检查目录、权限和磁盘空间", path)
	}
	return nil
}

func writeSheet(f *excelize.File, name string, headings []any, rows [][]any) error {
	if _, err := f.NewSheet(name); err != nil {
		return err
	}
	w, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for i, row := range append([][]any{headings}, rows...) {
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
			return err
		}
	}
	return w.Flush()
}

func personRows(people []roster.PersonRow) (rows [][]any) {
	for _, row := range people {
		p := &row.Person
		birth := ""
		if roster.Temporary(p.ID) {
			birth = p.Birth.String()
		}
		rows = append(rows, []any{p.Name, p.ID, p.Street, p.Community, p.Address, p.Phone,
			p.MovedIn.String(), p.MovedOut.String(), p.Died.String(), p.Account.Bank, p.Account.Number, p.Account.Holder,
			p.Deputy.Name, p.Deputy.Relation, p.Deputy.Reason, row.Former, birth})
	}
	return rows
}

func factRows(histories []roster.FactHistory) (rows [][]any) {
	for _, h := range histories {
		if len(h.Facts) == 0 {
			rows = append(rows, []any{h.ID, h.Fact, "无"})
		}
		for _, f := range h.Facts {
			rows = append(rows, []any{h.ID, h.Fact, f.Value, f.Since.String(), f.Until.String(), f.Basis})
		}
	}
	return rows
}

func awardRows(histories []roster.AwardHistory) (rows [][]any) {
	for _, h := range histories {
		if len(h.Awards) == 0 {
			rows = append(rows, []any{h.ID, h.Item, "0"})
		}
		for _, a := range h.Awards {
			rows = append(rows, []any{h.ID, h.Item, a.Amount.String(), a.First.String(), a.Last.String(), a.Payee, a.Basis})
		}
	}
	return rows
}

// save gives the workbook its name only when it is whole, readable by its owner alone.
func save(f *excelize.File, path string) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".changes-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // gone already when all went well
	if _, err := f.WriteTo(file); err != nil {
		file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
