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

// unknown is fault.NotFound where there is no trace of the region.
func (a *audit) unknown(ctx context.Context) error {
	var trace bool
	if err := a.tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM journal WHERE region = $1)`, a.region).Scan(&trace); err != nil || trace {
		return nil // then the parts say what is broken
	}
	_, err := postgres.ReadHead(ctx, a.tx, a.region, "")
	if !fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// readEnd reads where the region's own row says that the chain ends. Without the row the
// last entry there is counts as its end.
func (a *audit) readEnd(ctx context.Context) error {
	a.end = postgres.Head{Rev: -1}
	end, err := postgres.ReadHead(ctx, a.tx, a.region, "")
	if fault.Is(err, fault.NotFound) {
		a.found(Problem{Table: "region", What: "区划自己的一行缺失"})
		return nil
	}
	if err == nil {
		a.end = end
	}
	return err
}

// chain walks the journal. What is behind a break is still looked at: every entry that is
// altered, missing or not the program's is named.
func (a *audit) chain(ctx context.Context) error {
	err := postgres.EachLink(ctx, a.tx, a.region, func(l postgres.Link) error {
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
	walk := chainWalk{postgres.Head{Rev: 0, Hash: journal.Genesis(a.region)}, a.end}
	for _, rev := range revs {
		l := a.links[rev]
		for _, b := range walk.look(l) {
			a.found(Problem{Rev: b.rev, Table: "journal", Key: fmt.Sprintf("修订 %d", b.rev), What: b.what})
		}
		if rev > 0 && rev <= a.end.Rev {
			walk.last = postgres.Head{Rev: rev, Hash: l.Hash}
		}
	}
	for _, b := range walk.finish() {
		a.found(Problem{Rev: b.rev, Table: "journal", Key: fmt.Sprintf("修订 %d", b.rev), What: b.what})
	}
	return nil
}

// anchor looks for the head that lies on paper.
func (a *audit) anchor(anchor *Anchor) {
	if anchor == nil {
		return
	}
	if anchor.Rev > 0 {
		l, there := a.links[anchor.Rev]
		if !there || !strings.HasPrefix(hex.EncodeToString(l.Hash), anchor.Hash) {
			a.found(Problem{Rev: anchor.Rev, Table: "journal", What: "与纸面上的链头 " + anchor.Hash + " 不符，整条链可能被重写"})
		}
		return
	}
	for _, l := range a.links {
		if strings.HasPrefix(hex.EncodeToString(l.Hash), anchor.Hash) {
			return
		}
	}
	a.found(Problem{Table: "journal", What: "链上没有纸面上的链头 " + anchor.Hash + "，整条链可能被重写"})
}

// readDigests reads the tables' digests of all revisions, by name. Nulls, which the schema
// forbids, are read as what vouches for nothing.
func (a *audit) readDigests(ctx context.Context) error {
	rows, err := a.tx.Query(ctx, `SELECT coalesce(rev, 0), coalesce(name, ''), coalesce(rows, 0), coalesce(digest, ''), coalesce(marks, '')
		FROM row_digest WHERE region = $1 ORDER BY rev, name`, a.region)
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

// chainWalk checks the links one after the other: last is the last one that counts, end
// what the region's row says.
type chainWalk struct{ last, end postgres.Head }

// brokenChain says where a chain breaks, and how, in Chinese.
type brokenChain struct {
	rev  int64
	what string
}

// look says what is wrong with a link that comes behind last.
func (w *chainWalk) look(l postgres.Link) []brokenChain {
	rev := l.Entry.Rev
	if rev > w.end.Rev || rev <= w.last.Rev {
		return []brokenChain{{rev, fmt.Sprintf("这一条不是本程序登记的，多出（最后修订号应为 %d）", w.end.Rev)}}
	}
	all := w.missing(rev)
	hash, ok := journal.HashBy(l.Algorithm, l.Previous, l.Entry)
	switch {
	case l.Algorithm != journal.V1 && l.Algorithm != journal.V2:
		all = append(all, brokenChain{rev, fmt.Sprintf("算法“%s”不是本程序认识的，这一条的内容被改动", l.Algorithm)})
	case len(all) == 0 && !bytes.Equal(l.Previous, w.last.Hash):
		all = append(all, brokenChain{rev, "这一条与上一条不相连，两条之一被改动"})
	case !ok || !bytes.Equal(l.Hash, hash):
		all = append(all, brokenChain{rev, "这一条的内容被改动"})
	}
	return all
}

// missing names the entries between last and a revision.
func (w *chainWalk) missing(before int64) []brokenChain {
	switch first, last := w.last.Rev+1, before-1; {
	case first == last:
		return []brokenChain{{first, "这一条缺失"}}
	case first < last:
		return []brokenChain{{first, fmt.Sprintf("从这一条到修订 %d 都缺失", last)}}
	}
	return nil
}

func (w *chainWalk) finish() []brokenChain {
	if all := w.missing(w.end.Rev + 1); len(all) > 0 {
		return all
	}
	if !bytes.Equal(w.last.Hash, w.end.Hash) {
		return []brokenChain{{w.last.Rev, "链头与最后一条不符，两者之一被改动"}}
	}
	return nil
}

// errBroken ends a walk that only asks whether there is a break.
var errBroken = errors.New("the chain is broken")

// VerifyChainIn walks the region's audit chain from its beginning to its head and fails
// with a fault.Refused that names the first revision at which something was altered,
// taken out or slipped in. It holds no locks.
func VerifyChainIn(ctx context.Context, tx pgx.Tx, region int32) error {
	end, err := postgres.ReadHead(ctx, tx, region, "")
	if err != nil {
		return err
	}
	walk := chainWalk{postgres.Head{Rev: 0, Hash: journal.Genesis(region)}, end}
	var all []brokenChain
	err = postgres.EachLink(ctx, tx, region, func(l postgres.Link) error {
		if all = walk.look(l); len(all) > 0 {
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
