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

// changes follows every row that may be changed from one statement to the next and to what
// it is now. Between two statements nobody but somebody past the program has changed it.
// Where nothing was ever stated, an earlier program has done all changes there were.
func (a *audit) changes(ctx context.Context) error {
	all, err := postgres.RowChanges(ctx, a.Scope)
	if err != nil || len(all) == 0 {
		return err
	}
	last := map[postgres.RowRef]postgres.RowChange{}
	for _, s := range all {
		before, known := last[s.Ref]
		if known || s.Before != "" {
			a.differs(s.Rev, s.Ref, before.After, s.Before, "在这次修订之前")
		}
		last[s.Ref] = s
	}
	for i := range postgres.MutableTables {
		c := &postgres.MutableTables[i]
		err := a.part(ctx, c.Name, func(ctx context.Context) error { return a.changed(ctx, c, last) })
		if err != nil {
			return err
		}
	}
	return nil
}

// changed compares a table's rows with what was stated of them last.
func (a *audit) changed(ctx context.Context, c *postgres.MutableTable, last map[postgres.RowRef]postgres.RowChange) error {
	now, err := postgres.ReadRowStates(ctx, a.Scope, *c)
	if err != nil {
		return err
	}
	refs := slices.AppendSeq(slices.Collect(maps.Keys(now)), maps.Keys(last))
	slices.SortFunc(refs, func(x, y postgres.RowRef) int { return strings.Compare(x.Key, y.Key) })
	for _, ref := range slices.Compact(refs) {
		if ref.Table == c.Name {
			a.differs(last[ref].Rev, ref, last[ref].After, now[ref], "")
		}
	}
	return nil
}

// differs names what differs between what was stated of a row and what was found; both are
// JSON, empty where the row is not there. Columns that only one of them has came or went
// with a migration.
func (a *audit) differs(rev int64, ref postgres.RowRef, stated, found, when string) {
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
	a.found(p)
}

// differences says of each column what it should be and is.
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

// columnTitles are what people call the columns that count.
var columnTitles = map[string]string{
	"active": "在用", "approved_rev": "审批修订", "bureau": "单位", "digest": "摘要", "heads": "人数", "held": "暂缓", "lines": "行数", "month": "月份",
	"n": "第几批", "name": "名称", "next_person": "下一个人员编号", "off": "休或班", "opening_month": "期初月", "pack": "规则包", "pays": "可发", "post": "岗位",
	"revision": "计算修订", "round": "轮次", "sent_rev": "送银行修订", "state": "状态",
}

func columnTitle(column string) string {
	if title := columnTitles[column]; title != "" {
		return title + "（" + column + "）"
	}
	return column
}
