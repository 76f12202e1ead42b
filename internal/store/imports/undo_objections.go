package imports

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/roster"
)

// objection is a reason against undoing, with a query for the people or payees it is about.
type objection struct {
	sql    string // selects names and ID numbers; $1 region, $2 the import's revision
	reason string
}

// newcomersSQL selects the people whom the import added: their first row is of its revision.
const newcomersSQL = `SELECT person FROM person WHERE region = $1 AND rev = $2
	AND NOT EXISTS (SELECT FROM person q WHERE q.region = person.region AND q.person = person.person AND q.rev < $2)`

// selectNames selects names and ID numbers of the people that a query selects.
func selectNames(people string) string {
	return `SELECT DISTINCT ON (p.person) p.name, p.id_number FROM person p WHERE p.region = $1 AND p.person IN (` + people + `) ORDER BY p.person, p.rev DESC`
}

// selectChangedSince selects people of whom the import and a later revision both wrote the
// same unit (the columns that identify it): restoring would lose the later change.
func selectChangedSince(table, unit string) string {
	return selectNames(fmt.Sprintf(`SELECT t.person FROM %[1]s t JOIN %[1]s l USING (region, %[2]s) WHERE t.region = $1 AND t.rev = $2 AND l.rev > $2`, table, unit))
}

// numberTaken selects people whose restored ID number now belongs to somebody else.
var numberTaken = objection{`
	SELECT p.name, p.id_number FROM person p JOIN person q ON q.region = p.region AND q.id_number = p.id_number AND q.person <> p.person
	WHERE p.region = $1 AND p.rev > $2 AND p.person IN (SELECT person FROM person WHERE region = $1 AND rev = $2)
	  AND p.rev = (SELECT max(rev) FROM person m WHERE m.Region = p.region AND m.person = p.person)
	  AND q.rev = (SELECT max(rev) FROM person m WHERE m.Region = q.region AND m.person = q.person)
	  AND NOT EXISTS (SELECT FROM merge m WHERE m.Region = $1 AND m.gone IN (p.person, q.person))`, "原来的身份证号已经属于别人"}

func (u *undo) objections() []objection {
	all := []objection{
		{selectChangedSince("person", "person"), "的人员信息后来又有变动"},
		{selectChangedSince("fact", "person, fact"), "的情况后来又有变动"},
		{selectChangedSince("award", "person, item"), "的核定金额后来又有变动"},
		{`SELECT DISTINCT t.name, '' FROM payee t JOIN payee l USING (region, name) WHERE t.region = $1 AND t.rev = $2 AND l.rev > $2`,
			"（收款单位）后来又有变动"},
		{selectConfirmed, "的变更已经由第二人确认"},
		{selectNames(`SELECT unnest(ARRAY[gone, kept]) FROM merge WHERE region = $1 AND rev > $2 INTERSECT
			(SELECT person FROM person WHERE region = $1 AND rev = $2 UNION SELECT person FROM fact WHERE region = $1 AND rev = $2
			 UNION SELECT person FROM award WHERE region = $1 AND rev = $2)`), "后来已合并"},
		{selectNames(`SELECT l.person FROM draft_line l JOIN batch b USING (region, batch)
			WHERE l.region = $1 AND b.state NOT IN ('open', 'returned', 'carried') AND l.person IN (` + newcomersSQL + `)`),
			"是这次导入新增的，正在签批的批次里有其明细，请先审批通过或退回"},
	}
	for _, since := range []struct{ table, what string }{
		{"fact", "后来又登记了情况"}, {"award", "后来又有核定金额"}, {"ledger", "已有发放或台账记录，请改为登记迁出，或与正确的记录合并"},
		{"line", "已有审批过的明细，请改为登记迁出，或与正确的记录合并"},
	} {
		later := "AND t.rev > $2"
		if since.table == "line" {
			later = ""
		}
		all = append(all, objection{selectNames(`SELECT t.person FROM ` + since.table + ` t WHERE t.region = $1 ` + later + ` AND t.person IN (` + newcomersSQL + `)`),
			"是这次导入新增的，" + since.what})
	}
	return all
}

// checkObjection refuses if the objection finds anybody.
func (u *undo) checkObjection(ctx context.Context, o objection) error {
	const most = 5
	rows, err := u.Tx.Query(ctx, o.sql, u.Region, u.undone)
	if err != nil {
		return fmt.Errorf("look for what speaks against undoing: %w", err)
	}
	var names []string
	var name, id string
	count := 0
	_, err = pgx.ForEachRow(rows, []any{&name, &id}, func() error {
		if count++; count > most {
			return nil
		}
		if id != "" {
			name += "（" + roster.MaskID(id) + "）"
		}
		names = append(names, name)
		return nil
	})
	if err != nil {
		return fmt.Errorf("look for what speaks against undoing: %w", err)
	}
	if count == 0 {
		return nil
	}
	who := strings.Join(names, "、")
	if count > most {
		who += fmt.Sprintf("等 %d 人", count)
	}
	return fault.New(fault.Refused, "修订 %d 的导入不能撤销：%s%s；请改用一份更正的花名册", u.undone, who, o.reason)
}
