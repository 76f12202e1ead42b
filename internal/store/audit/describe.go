package audit

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/batches"
)

// describe formats a key in Chinese: 人员 12，情况 低保，第几条 1.
func describe(g *postgres.AppendOnlyTable, key []byte) string {
	var words []string
	for _, k := range g.Key {
		if len(key) < 4 {
			break
		}
		size := int(int32(binary.BigEndian.Uint32(key)))
		if key = key[4:]; size < 0 || size > len(key) {
			break
		}
		words = append(words, k.Title+" "+fieldText(k.Kind, key[:size]))
		key = key[size:]
	}
	return strings.Join(words, "，")
}

// fieldText formats a field of a binary COPY.
func fieldText(kind string, b []byte) string {
	switch {
	case kind == "text":
		return string(b)
	case kind == "i2" && len(b) == 2:
		return strconv.Itoa(int(int16(binary.BigEndian.Uint16(b))))
	case kind == "i4" && len(b) == 4:
		return strconv.Itoa(int(int32(binary.BigEndian.Uint32(b))))
	case kind == "i8" && len(b) == 8:
		return strconv.FormatInt(int64(binary.BigEndian.Uint64(b)), 10)
	case kind == "date" && len(b) == 4:
		return (month.Date(int32(binary.BigEndian.Uint32(b))) + postgres.Epoch).String()
	}
	return hex.EncodeToString(b)
}

// nameRows adds name and masked ID number to the problems about people: an auditor cannot look up
// surrogate numbers.
func (a *audit) nameRows(ctx context.Context) error {
	for _, i := range a.people {
		p := &a.report.Problems[i]
		_, rest, _ := strings.Cut(p.Key, postgres.KeyPerson.Title+" ")
		digits, _, _ := strings.Cut(rest, "，")
		number, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			continue
		}
		who, err := nameAndMaskedID(ctx, a.Scope, number)
		if err != nil {
			return err
		}
		if who != "" {
			p.Key += "（" + who + "）"
		}
	}
	return nil
}

// nameAndMaskedID returns a person's latest name and masked ID number; "" where there is none.
func nameAndMaskedID(ctx context.Context, scope postgres.Scope, number int64) (string, error) {
	rows, err := scope.Tx.Query(ctx, `SELECT name, id_number FROM person WHERE region = $1 AND person = $2 ORDER BY rev DESC LIMIT 1`, scope.Region, number)
	if err != nil {
		return "", fmt.Errorf("read person %d: %w", number, err)
	}
	var name, id, who string
	_, err = pgx.ForEachRow(rows, []any{&name, &id}, func() error {
		who = name + " " + roster.MaskID(id)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read person %d: %w", number, err)
	}
	return who, nil
}

// NamesAndMaskedIDs returns the latest names and masked ID numbers of people, by surrogate number.
func NamesAndMaskedIDs(ctx context.Context, db *postgres.DB, region int32, people []int64) (map[int64]string, error) {
	called := make(map[int64]string)
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		for _, number := range people {
			if _, there := called[number]; there || number == 0 {
				continue
			}
			who, err := nameAndMaskedID(ctx, scope, number)
			if err != nil {
				return err
			}
			called[number] = strings.TrimSpace(who)
		}
		return nil
	})
	return called, err
}

// columnTitles are the Chinese names of the columns that a problem may mention.
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

// otherTitles are the Chinese names of the tables that no other list has.
var otherTitles = map[string]string{"draft_line": "待审批明细", "answer_sum": "回盘合计",
	"later_debt": "后续追缴明细", "journal": "审计日志", "row_digest": "行摘要", "row_mark": "行标记"}

// titleOf returns the Chinese name of a table with its database name.
func titleOf(table string) string {
	title := otherTitles[table]
	if g := tableNamed(table); g != nil {
		title = g.Title
	} else if p := batches.PartByName(table); p != nil {
		title = p.Title
	} else if c := postgres.MutableTableByName(table); c != nil {
		title = c.Title
	}
	if title == "" {
		return table
	}
	return title + "（" + table + "）"
}
