package audit

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/postgres"
)

// checkKnown returns fault.NotFound where neither a journal entry nor a row of the region exists.
func (a *audit) checkKnown(ctx context.Context) error {
	var trace bool
	if err := a.Tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM journal WHERE region = $1)`, a.Region).Scan(&trace); err != nil || trace {
		return nil // the other checks report what is broken
	}
	_, err := postgres.ReadHead(ctx, a.Tx, a.Region, "")
	if !fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// readEnd reads the chain's head from the region's row. Without the row, checkChain takes the last
// entry as the head.
func (a *audit) readEnd(ctx context.Context) error {
	a.end = postgres.Head{Rev: -1}
	end, err := postgres.ReadHead(ctx, a.Tx, a.Region, "")
	if fault.Is(err, fault.NotFound) {
		a.add(Problem{Table: "region", What: "区划自己的一行缺失"})
		return nil
	}
	if err == nil {
		a.end = end
	}
	return err
}

// checkChain verifies the journal's chain. It goes on after a break: every entry that is altered,
// missing or foreign is reported.
func (a *audit) checkChain(ctx context.Context) error {
	err := postgres.EachLink(ctx, a.Scope, func(l postgres.Link) error {
		a.links[l.Entry.Rev] = l
		if l.Algorithm == journal.V1 {
			a.report.Old++
		}
		return nil
	})
	if err != nil {
		return err
	}
	revs := slices.Sorted(maps.Keys(a.links))
	if a.end.Rev < 0 && len(revs) > 0 {
		last := a.links[revs[len(revs)-1]]
		a.end = postgres.Head{Rev: last.Entry.Rev, Hash: last.Hash}
	}
	a.report.Entries, a.report.Head = max(a.end.Rev, 0), a.end.Hash
	walk := chainChecker{postgres.Head{Rev: 0, Hash: journal.Genesis(a.Region)}, a.end}
	for _, rev := range revs {
		l := a.links[rev]
		for _, b := range walk.check(l) {
			a.add(Problem{Rev: b.rev, Table: "journal", Key: fmt.Sprintf("修订 %d", b.rev), What: b.what})
		}
		if rev > 0 && rev <= a.end.Rev {
			walk.last = postgres.Head{Rev: rev, Hash: l.Hash}
		}
	}
	for _, b := range walk.finish() {
		a.add(Problem{Rev: b.rev, Table: "journal", Key: fmt.Sprintf("修订 %d", b.rev), What: b.what})
	}
	return nil
}

// checkAnchor compares the chain with a head printed on paper: only that can show that the whole
// chain was rewritten.
func (a *audit) checkAnchor(anchor *Anchor) {
	if anchor == nil {
		return
	}
	if anchor.Rev > 0 {
		l, there := a.links[anchor.Rev]
		if !there || !strings.HasPrefix(hex.EncodeToString(l.Hash), anchor.Hash) {
			a.add(Problem{Rev: anchor.Rev, Table: "journal", What: "与纸面上的链头 " + anchor.Hash + " 不符，整条链可能被重写"})
		}
		return
	}
	for _, l := range a.links {
		if strings.HasPrefix(hex.EncodeToString(l.Hash), anchor.Hash) {
			return
		}
	}
	a.add(Problem{Table: "journal", What: "链上没有纸面上的链头 " + anchor.Hash + "，整条链可能被重写"})
}

// readDigests reads the tables' digests of all revisions, by name. NULLs, which the schema forbids,
// are read as values that match nothing, so that they do not stop the audit.
func (a *audit) readDigests(ctx context.Context) error {
	rows, err := a.Tx.Query(ctx, `SELECT coalesce(rev, 0), coalesce(name, ''), coalesce(rows, 0), coalesce(digest, ''), coalesce(marks, '')
		FROM row_digest WHERE region = $1 ORDER BY rev, name`, a.Region)
	if err != nil {
		return fmt.Errorf("read row digests: %w", err)
	}
	var rev int64
	var r journal.Rows
	_, err = pgx.ForEachRow(rows, []any{&rev, &r.Table, &r.Count, &r.Digest, &r.Marks}, func() error {
		a.digests[rev] = append(a.digests[rev], r)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read row digests: %w", err)
	}
	return nil
}

// chainChecker verifies links in ascending order: last is the last valid one, end the head that the
// region's row has.
type chainChecker struct{ last, end postgres.Head }

// chainBreak is a revision at which the chain is broken, and how, in Chinese.
type chainBreak struct {
	rev  int64
	what string
}

// check returns what is wrong with a link that follows last.
func (w *chainChecker) check(l postgres.Link) []chainBreak {
	rev := l.Entry.Rev
	if rev > w.end.Rev || rev <= w.last.Rev {
		return []chainBreak{{rev, fmt.Sprintf("这一条不是本程序登记的，多出（最后修订号应为 %d）", w.end.Rev)}}
	}
	all := w.missing(rev)
	hash, ok := journal.HashBy(l.Algorithm, l.Previous, l.Entry)
	switch {
	case l.Algorithm != journal.V1 && l.Algorithm != journal.V2:
		all = append(all, chainBreak{rev, fmt.Sprintf("算法“%s”不是本程序认识的，这一条的内容被改动", l.Algorithm)})
	case len(all) == 0 && !bytes.Equal(l.Previous, w.last.Hash):
		all = append(all, chainBreak{rev, "这一条与上一条不相连，两条之一被改动"})
	case !ok || !bytes.Equal(l.Hash, hash):
		all = append(all, chainBreak{rev, "这一条的内容被改动"})
	}
	return all
}

// missing reports the entries missing between last and a revision.
func (w *chainChecker) missing(before int64) []chainBreak {
	switch first, last := w.last.Rev+1, before-1; {
	case first == last:
		return []chainBreak{{first, "这一条缺失"}}
	case first < last:
		return []chainBreak{{first, fmt.Sprintf("从这一条到修订 %d 都缺失", last)}}
	}
	return nil
}

func (w *chainChecker) finish() []chainBreak {
	if all := w.missing(w.end.Rev + 1); len(all) > 0 {
		return all
	}
	if !bytes.Equal(w.last.Hash, w.end.Hash) {
		return []chainBreak{{w.last.Rev, "链头与最后一条不符，两者之一被改动"}}
	}
	return nil
}

// errBroken stops reading links at the first break.
var errBroken = errors.New("the chain is broken")

// VerifyChainIn verifies the region's hash chain from its beginning to its head. Errors:
// fault.Refused with the first revision that was altered, removed or inserted. It holds no
// locks.
func VerifyChainIn(ctx context.Context, scope postgres.Scope) error {
	end, err := postgres.ReadHead(ctx, scope.Tx, scope.Region, "")
	if err != nil {
		return err
	}
	walk := chainChecker{postgres.Head{Rev: 0, Hash: journal.Genesis(scope.Region)}, end}
	var all []chainBreak
	err = postgres.EachLink(ctx, scope, func(l postgres.Link) error {
		if all = walk.check(l); len(all) > 0 {
			return errBroken
		}
		walk.last = postgres.Head{Rev: l.Entry.Rev, Hash: l.Hash}
		return nil
	})
	if err != nil && !errors.Is(err, errBroken) {
		return err
	}
	if err == nil {
		all = walk.finish()
	}
	if len(all) > 0 {
		return fault.New(fault.Refused, "审计链在修订 %d 处断裂：%s，请保留现场并报告管理员，与签字页上的链头核对", all[0].rev, all[0].what)
	}
	return nil
}
