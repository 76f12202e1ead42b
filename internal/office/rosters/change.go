package rosters

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/office"
	"disburse/internal/roster"
	"disburse/internal/roster/layout"
	"disburse/internal/roster/read"
	"disburse/internal/roster/write"
	"disburse/internal/store/imports"
	"disburse/internal/store/signing"
)

// TryImport reads a roster workbook and says what taking it in would do, also to the
// latest batches; nothing is stored. A workbook without a good row is no error here.
func TryImport(ctx context.Context, o *office.Office, x *Order) (*signing.RosterTrial, error) {
	in, err := readRoster(ctx, o, x)
	if err != nil {
		return nil, err
	}
	return signing.TryRoster(ctx, o.DB, o.Region, in, o.Pack, x.By, x.Tell)
}

// PersonChange is a change of what is known of one person, made on a page. Dossier says
// who it is and, of each fact and 核定金额 that the change is about, the whole history.
type PersonChange struct {
	Dossier roster.Dossier
	Columns roster.Columns // of 人员 that change; none: only facts and awards do
	Former  string         // the number until now, where Dossier has a new one (原身份证号)
	Title   string         // what the journal calls it
	By      journal.By     // Reason has the document
}

// TryChange says what a change would do; nothing is stored. ChangePerson makes it known.
// Both write the change into a roster workbook and take that in, so that a page judges
// values exactly as a workbook does.
func TryChange(ctx context.Context, o *office.Office, x *PersonChange) (*signing.RosterTrial, error) {
	in, err := changeRead(ctx, o, x)
	if err != nil {
		return nil, err
	}
	return signing.TryRoster(ctx, o.DB, o.Region, in, o.Pack, x.By, nil)
}

// ChangePerson makes a change known. Errors: fault.Invalid where a value is refused.
func ChangePerson(ctx context.Context, o *office.Office, x *PersonChange) (*roster.Report, error) {
	in, err := changeRead(ctx, o, x)
	if err != nil {
		return nil, err
	}
	if len(in.Problems) > 0 {
		return nil, refusedValue(in.Problems[0])
	}
	report, err := imports.ImportRoster(ctx, o.DB, o.Region, in, x.By, false, nil)
	if err == nil && len(report.Problems) > 0 {
		err = refusedValue(report.Problems[0])
	}
	return report, err
}

func refusedValue(p roster.Problem) error {
	return fault.New(fault.Invalid, "%s", ProblemText(p))
}

// rowInSentence is how a workbook's sentence names a row.
var rowInSentence = regexp.MustCompile(`第 ([0-9]+) 行`)

// FormProblems are what is wrong with a page's form, without sheets, at most three
// sentences. Where the form is a table, rows are counted as in it: a workbook has a row of
// headings above them. That good rows are refused beside a bad one is no news on a form.
func FormProblems(all []roster.Problem, table bool) string {
	var texts []string
	for _, p := range all {
		if p.Beside || len(texts) == 3 {
			continue
		}
		if !table || p.Place.Row < 2 {
			texts = append(texts, ProblemText(p))
			continue
		}
		p.Reason = rowInSentence.ReplaceAllStringFunc(p.Reason, func(s string) string {
			row, err := strconv.Atoi(rowInSentence.FindStringSubmatch(s)[1])
			if err != nil {
				return s
			}
			return fmt.Sprintf("第 %d 行", row-1)
		})
		texts = append(texts, fmt.Sprintf("表里第 %d 行：%s", p.Place.Row-1, ProblemText(p)))
	}
	return strings.Join(texts, "；")
}

// ProblemText is a problem of a page's form, without sheet and row.
func ProblemText(p roster.Problem) string {
	switch {
	case p.Column == "":
		return p.Reason
	case p.Value == "":
		return p.Column + "：" + p.Reason
	}
	return p.Column + "“" + p.Value + "”：" + p.Reason
}

// changeRead writes the change as a workbook and reads it as one.
func changeRead(ctx context.Context, o *office.Office, x *PersonChange) (*roster.Import, error) {
	dir, err := os.MkdirTemp("", "disburse-change-")
	if err != nil {
		return nil, fault.Wrap(err, fault.Refused, "不能写临时文件，请检查磁盘空间")
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "change.xlsx")
	w, err := write.NewRoster(file, o.Pack.Vocabulary())
	if err != nil {
		return nil, err
	}
	defer func() { _ = w.Discard() }()
	if err := w.Person(&x.Dossier); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	in, err := read.Roster(ctx, file, o.Pack.Vocabulary(), office.Today(x.By), nil)
	if err != nil {
		return nil, err
	}
	in.File, in.Page = x.Title, true
	in.Columns = x.Columns
	for i := range in.People {
		in.People[i].Former = x.Former
	}
	if x.Columns == (roster.Columns{}) {
		onlyHistories(in)
	}
	return in, nil
}

// onlyHistories forgets the row of 人员: it is there because a workbook has one.
func onlyHistories(in *roster.Import) {
	ofPeople := func(p roster.Problem) bool { return p.Place.Sheet == layout.PeopleSheet }
	in.People, in.RefusedPeople = nil, nil
	in.Problems = slices.DeleteFunc(in.Problems, ofPeople)
	in.Warnings = slices.DeleteFunc(in.Warnings, ofPeople)
}

// RefusedRows writes the rows of a roster that were refused into a workbook that can be
// mended and taken in; it is recorded.
func RefusedRows(ctx context.Context, o *office.Office, out, file string, problems []roster.Problem, by journal.By) error {
	_, err := refusedRows(ctx, o, out, file, "花名册退回的行", problems, by)
	return err
}
