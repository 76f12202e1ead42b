package reports

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"regexp"

	"disburse/internal/approval"
	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/reports/bankfiles"
	"disburse/reports/control"
	"disburse/reports/filing"
	"disburse/reports/lists"
	"disburse/reports/register"
	"disburse/reports/source"
	"disburse/reports/workbook"
)

// Options are choices of the one who exports.
type Options struct {
	FullLists bool   // everybody on the lists of changes, too
	Letters   bool   // 告知书 for those whom source.Rows.Letters gives
	AllPeople bool   // which are everybody in the batch
	Password  string // encrypts every workbook; empty: none
}

// The kinds of files.
const (
	KindRegister    = "清册"
	KindBank        = "bank"
	KindList        = "名册"
	KindApplication = "拨付申请"
	KindDebts       = "追缴台账"
	KindLetters     = "告知书"
	KindRecalls     = "追缴通知书"
	KindChanges     = "变动名单"
)

// Write writes all files of a bureau's batch to dir/2026-11/区民政局: 发放清册, the bank
// files of an approved batch, 资金拨付申请 and 追缴台账 when there is a batch, 变动名单 when
// there is one before it, 追缴通知书 when it leaves debts, 告知书 when asked for, 服务名册
// when the bureau has list items. Files of the same names are replaced, all together at the end. Sums that do not agree with the issue are a fault
// (Internal), and then, as after any other error or a cancelled ctx, nothing has changed
// in dir.
func Write(ctx context.Context, dir string, is *source.Issue, src source.Rows, opt Options) ([]filing.File, error) {
	w := &writer{is: is, cat: source.NewCatalogue(is.Pack, is.Batch.Bureau), src: src, opt: opt}
	w.folder = filing.FolderName(is.Batch.Bureau)
	var err error
	w.stage, err = filing.NewStage(filepath.Join(dir, is.Batch.Month.String(), w.folder), opt.Password)
	if err != nil {
		return nil, filing.CannotWrite(dir, err)
	}
	defer w.stage.Discard()
	files, err := w.write(ctx)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = w.stage.Commit()
	}
	if err != nil {
		return nil, filing.CannotWrite(dir, err)
	}
	return files, nil
}

// bookFile names a workbook. Those of a supplementary batch carry its number, so that
// they stand beside the regular one's.
func (w *writer) bookFile(name string) string { return filing.BookName(name, w.is.Batch.N) }

type writer struct {
	is     *source.Issue
	cat    *source.Catalogue
	src    source.Rows
	opt    Options
	folder string
	stage  *filing.Stage

	reg                *register.Writer
	bank, lists, debts []filing.File
	paid               payrun.Funds // by the bank files
	letters            []filing.File
	changes            *lists.Changes
	changed            []filing.File
}

// write stages all files. The register and everything else run side by side; what
// names the bank files comes after both.
func (w *writer) write(ctx context.Context) ([]filing.File, error) {
	err := together(ctx, w.fillRegister, w.others)
	if w.reg != nil {
		defer w.reg.Close()
	}
	if err != nil {
		return nil, err
	}
	var files []filing.File
	if w.reg != nil {
		if files, err = w.register(ctx); err != nil {
			return nil, err
		}
	}
	files = append(files, w.changed...)
	files = append(files, w.debts...)
	files = append(files, w.letters...)
	files = append(files, w.lists...)
	return append(files, w.bank...), nil
}

func (w *writer) paying() bool { return w.is.Batch.N > 0 && len(w.cat.Pays()) > 0 }

func (w *writer) fillRegister(ctx context.Context) error {
	if !w.paying() {
		return nil
	}
	var err error
	if w.reg, err = register.New(w.is, w.cat, w.src, w.stage.Dir); err != nil {
		return err
	}
	return w.reg.Fill(ctx)
}

// register writes 发放清册 and 资金拨付申请.
func (w *writer) register(ctx context.Context) ([]filing.File, error) {
	if w.changes != nil {
		if err := w.changes.Tie(w.reg.Changes()); err != nil {
			return nil, err
		}
	}
	if err := w.reg.Finish(w.bank, &w.paid); err != nil {
		return nil, err
	}
	lines, pays := w.reg.Lines(), w.reg.Pays()
	application, err := w.add(ctx, w.reg.Application(), filing.File{Path: w.bookFile(register.ApplicationName), Kind: KindApplication, Rows: lines, Amount: pays})
	if err != nil {
		return nil, err
	}
	sheets, err := w.add(ctx, w.reg.Book, filing.File{Path: w.bookFile(register.Name), Kind: KindRegister, Rows: lines, Amount: pays})
	if err != nil {
		return nil, err
	}
	return []filing.File{sheets, application}, nil
}

// others writes bank files, debts and lists.
func (w *writer) others(ctx context.Context) error {
	if w.paying() {
		if err := w.bankFiles(ctx); err != nil {
			return err
		}
		p, n, total, err := lists.NewDebts(ctx, w.is, w.cat, w.src, w.stage.Dir)
		if err != nil {
			return err
		}
		f, err := w.add(ctx, p.Book, filing.File{Path: w.bookFile(lists.DebtsName), Kind: KindDebts, Rows: n, Amount: total})
		if err != nil {
			return err
		}
		w.debts = []filing.File{f}
		if err := w.people(ctx, total); err != nil {
			return err
		}
		if err := w.changeLists(ctx); err != nil {
			return err
		}
	}
	if len(w.cat.Lists()) == 0 {
		return nil
	}
	p, n, err := lists.NewServices(ctx, w.is, w.cat, w.src, w.opt.FullLists, w.stage.Dir)
	if err != nil {
		return err
	}
	f, err := w.add(ctx, p.Book, filing.File{Path: w.bookFile(lists.ServicesName), Kind: KindList, Rows: n})
	w.lists = []filing.File{f}
	return err
}

// changeLists writes 变动名单 where there is a month to compare with.
func (w *writer) changeLists(ctx context.Context) error {
	if !lists.WantsChanges(w.is) {
		return nil
	}
	changes, err := lists.NewChanges(ctx, w.is, w.cat, w.src, w.stage.Dir)
	if err != nil {
		return err
	}
	rows, amount := changes.Sum()
	f, err := w.add(ctx, changes.Book, filing.File{Path: w.bookFile(lists.ChangesName), Kind: KindChanges, Rows: rows, Amount: amount})
	w.changes, w.changed = changes, []filing.File{f}
	return err
}

var fileNumber = regexp.MustCompile(`^[0-9A-Za-z-]{1,31}$`)

// bankFiles writes the files of an approved batch, whose amounts must add up to it.
func (w *writer) bankFiles(ctx context.Context) error {
	if w.is.Batch.State != payrun.Approved {
		return nil
	}
	sum := money.Fen(0)
	for i := range w.is.Files {
		sum = sum.Add(w.is.Files[i].Amount)
	}
	if sum != w.is.Batch.Pays {
		return control.Disagree("银行文件合计（元）", sum, w.is.Batch.Pays)
	}
	for i := range w.is.Files {
		f := &w.is.Files[i]
		if !fileNumber.MatchString(f.Number) {
			return fmt.Errorf("bank file number %q is not a file name", f.Number)
		}
		if err := w.bankFile(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// bankFile writes one payment file in the form of its bank, as one file or as two.
func (w *writer) bankFile(ctx context.Context, f *approval.PaymentFile) error {
	s, parts, err := bankfiles.Parts(ctx, w.is, w.cat, w.src, f, &w.paid)
	if err != nil {
		return err
	}
	for i := range parts {
		part := &parts[i]
		file := filing.File{Path: "bank/" + part.Name, Kind: KindBank, Bank: f.Bank, Number: f.Number, Rows: part.Rows, Amount: part.Amount}
		if s.Workbook() {
			book, err := bankfiles.Book(w.is, w.cat, f.Number, s, part, w.stage.Dir)
			if err != nil {
				return err
			}
			file, err = w.add(ctx, book, file)
			if err != nil {
				return err
			}
		} else if file, err = w.addText(file, part.WriteText); err != nil {
			return err
		}
		w.bank = append(w.bank, file)
	}
	return nil
}

// addText stages a file that is no workbook. A password does not lock it: its bank reads
// it as it is.
func (w *writer) addText(f filing.File, content func(io.Writer) error) (filing.File, error) {
	sum, err := w.stage.Write(filepath.FromSlash(f.Path), content)
	f.Path, f.Bureau, f.SHA256 = w.folder+"/"+f.Path, w.is.Batch.Bureau, sum
	return f, err
}

// add stages a workbook and completes what is known of its file.
func (w *writer) add(ctx context.Context, book *workbook.Book, f filing.File) (filing.File, error) {
	sum, err := w.stage.Add(ctx, book, filepath.FromSlash(f.Path))
	f.Path, f.Bureau, f.SHA256 = w.folder+"/"+f.Path, w.is.Batch.Bureau, sum
	return f, err
}

// together runs functions side by side; the first error cancels the others and is
// returned when all have ended.
func together(ctx context.Context, fns ...func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan error)
	for _, fn := range fns {
		go func() { done <- fn(ctx) }()
	}
	var first error
	for range fns {
		if err := <-done; err != nil && first == nil {
			first = err
			cancel(err)
		}
	}
	return first
}
