package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"disburse/internal/postgres"
)

// checkChanges follows the rows that the program may update: each recorded change (row_change) has
// the row before and after, so a row must be before a change what it was after the one before,
// and now what it was after the last. Any difference was made without the program. Without any
// recorded change an earlier version has made all of them, and nothing can be compared.
func (a *audit) checkChanges(ctx context.Context) error {
	all, err := postgres.RowChanges(ctx, a.Scope)
	if err != nil || len(all) == 0 {
		return err
	}
	last := map[postgres.RowRef]postgres.RowChange{}
	for _, s := range all {
		before, known := last[s.Ref]
		if known || s.Before != "" {
			a.compareRow(s.Rev, s.Ref, before.After, s.Before, "在这次修订之前")
		}
		last[s.Ref] = s
	}
	for i := range postgres.MutableTables {
		c := &postgres.MutableTables[i]
		err := a.runCheck(ctx, c.Name, func(ctx context.Context) error { return a.compareTable(ctx, c, last) })
		if err != nil {
			return err
		}
	}
	return nil
}

// compareTable compares a table's rows with their last recorded changes.
func (a *audit) compareTable(ctx context.Context, c *postgres.MutableTable, last map[postgres.RowRef]postgres.RowChange) error {
	now, err := postgres.ReadRowStates(ctx, a.Scope, *c)
	if err != nil {
		return err
	}
	refs := slices.AppendSeq(slices.Collect(maps.Keys(now)), maps.Keys(last))
	slices.SortFunc(refs, func(x, y postgres.RowRef) int { return strings.Compare(x.Key, y.Key) })
	for _, ref := range slices.Compact(refs) {
		if ref.Table == c.Name {
			a.compareRow(last[ref].Rev, ref, last[ref].After, now[ref], "")
		}
	}
	return nil
}

// compareRow reports the differences between the recorded and the found version of a row. Both are
// JSON, empty where there is no row. Columns that only one of them has are ignored: a migration
// added or dropped them.
func (a *audit) compareRow(rev int64, ref postgres.RowRef, stated, found, when string) {
	c := postgres.MutableTableByName(ref.Table)
	if c == nil || stated == found {
		return
	}
	p := Problem{Rev: rev, Table: ref.Table}
	if c.What != "" {
		p.Key = c.What + " " + ref.Key
	}
	switch {
	case stated == "":
		p.What = when + "多出，不是本程序登记的"
	case found == "":
		p.What = when + "缺失"
	default:
		columns, err := differences(stated, found)
		if err != nil {
			p.What = when + "被改动（" + err.Error() + "）"
		} else if len(columns) == 0 {
			return
		} else {
			p.What = when + "被改动：" + strings.Join(columns, "；")
		}
	}
	a.add(p)
}

// differences describes, for each differing column, the recorded and the found value; passwords
// are not shown.
func differences(stated, found string) ([]string, error) {
	var was, is map[string]json.RawMessage
	if json.Unmarshal([]byte(stated), &was) != nil || json.Unmarshal([]byte(found), &is) != nil {
		return nil, fmt.Errorf("登记的内容无法识别")
	}
	var all []string
	for _, column := range slices.Sorted(maps.Keys(was)) {
		now, there := is[column]
		switch {
		case !there || string(now) == string(was[column]):
		case column == "password":
			all = append(all, "口令（password）")
		default:
			all = append(all, fmt.Sprintf("%s 应为 %s，现为 %s", columnTitle(column), was[column], now))
		}
	}
	return all, nil
}
