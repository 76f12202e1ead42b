package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/postgres"
	"disburse/internal/postgres/pgtest"
	"disburse/internal/store/storetest"
)

// entry is a change that writes nothing but its entry.
func entry(e journal.Entry) func(pgx.Tx, int64) (journal.Entry, error) {
	return func(pgx.Tx, int64) (journal.Entry, error) { return e, nil }
}

var someBy = journal.By{Actor: "王经办", Origin: "主机", At: time.Date(2026, 11, 3, 8, 0, 0, 987654321, time.FixedZone("CST", 8*3600)), Reason: "更正"}

// chain makes a region with n journal entries, and opens the database as its owner too.
func chain(t *testing.T, n int) (*postgres.DB, *pgx.Conn) {
	t.Helper()
	address := pgtest.New(t)
	db, err := postgres.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := db.EnsureRegion(t.Context(), storetest.Pingcheng, "平城区"); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		e := journal.Entry{Action: "试验", Subject: fmt.Sprint("第", i+1), Digest: "ab", Summary: "一项"}
		if rev, err := db.Change(t.Context(), storetest.Pingcheng, someBy, entry(e)); err != nil || rev != int64(i+1) {
			t.Fatalf("change %d: revision %d, %v", i+1, rev, err)
		}
	}
	return db, storetest.Connect(t, address)
}

func TestChangeAppendsToTheChain(t *testing.T) {
	t.Parallel()
	db, owner := chain(t, 3)
	if err := storetest.VerifyChain(t.Context(), db, storetest.Pingcheng); err != nil {
		t.Error(err)
	}
	// The chain by hand, from the words of package journal alone.
	hash := journal.Genesis(storetest.Pingcheng)
	for i := range 3 {
		e := journal.Entry{Region: storetest.Pingcheng, Rev: int64(i + 1), Action: "试验", Subject: fmt.Sprint("第", i+1), Digest: "ab", Summary: "一项"}
		// What a revision makes of the rows that change, the region's own among them, is in its entry.
		err := owner.QueryRow(t.Context(), `SELECT coalesce(rows_digest, ''), coalesce(before_digest, ''), coalesce(after_digest, '') FROM journal WHERE rev = $1`, i+1).
			Scan(&e.Rows, &e.Before, &e.After)
		if err != nil {
			t.Fatal(err)
		}
		hash = journal.Hash(hash, e.Signed(someBy).AsStored())
	}
	rev, head, err := db.Head(t.Context(), storetest.Pingcheng)
	if err != nil || rev != 3 || !bytes.Equal(head, hash) {
		t.Errorf("head %d %x, %v; want 3 %x", rev, head, err, hash)
	}
	var actor, origin, reason, algorithm string
	var at time.Time
	err = owner.QueryRow(t.Context(), `SELECT actor, origin, reason, algorithm, at FROM journal WHERE rev = 2`).
		Scan(&actor, &origin, &reason, &algorithm, &at)
	if err != nil || actor != "王经办" || origin != "主机" || reason != "更正" || algorithm != "sha256-v2" ||
		!at.Equal(someBy.At.Truncate(time.Microsecond)) {
		t.Errorf("entry: %s %s %s %s %s, %v", actor, origin, reason, algorithm, at, err)
	}
}

// Names of files and hosts may hold anything; the chain must verify all the same.
func TestChangeWithTextsThatCannotBeStored(t *testing.T) {
	t.Parallel()
	db, _ := chain(t, 0)
	by := someBy
	by.Origin = "host\x00\xff"
	if _, err := db.Change(t.Context(), storetest.Pingcheng, by, entry(journal.Entry{Subject: "名册\xd6\xd0.xlsx"})); err != nil {
		t.Fatal(err)
	}
	if err := storetest.VerifyChain(t.Context(), db, storetest.Pingcheng); err != nil {
		t.Error(err)
	}
}

func TestChangeThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	db, owner := chain(t, 1)
	failure := errors.New("failure")
	for _, c := range []struct{ give, want error }{{postgres.ErrNoChange, nil}, {fmt.Errorf("wrapped: %w", postgres.ErrNoChange), nil}, {failure, failure}} {
		rev, err := db.Change(t.Context(), storetest.Pingcheng, someBy, func(tx pgx.Tx, rev int64) (journal.Entry, error) {
			if rev != 2 {
				t.Errorf("fn gets revision %d, want 2", rev)
			}
			_, err := tx.Exec(t.Context(), `UPDATE region SET next_person = 99`)
			return journal.Entry{Action: "试验"}, errors.Join(err, c.give)
		})
		if rev != 0 || !errors.Is(err, c.want) {
			t.Errorf("%v: revision %d, %v", c.give, rev, err)
		}
	}
	var next, entries int
	if err := owner.QueryRow(t.Context(), `SELECT next_person, (SELECT count(*) FROM journal) FROM region`).Scan(&next, &entries); err != nil || next != 1 || entries != 1 {
		t.Errorf("next person %d, %d entries, %v", next, entries, err)
	}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	db, _ := chain(t, 1)
	ctx := t.Context()
	// An existing region stays as it is.
	if err := db.EnsureRegion(ctx, storetest.Pingcheng, "另一个名字"); err != nil {
		t.Error(err)
	}
	if rev, _, err := db.Head(ctx, storetest.Pingcheng); rev != 1 || err != nil {
		t.Errorf("head %d, %v", rev, err)
	}
	if err := db.EnsureRegion(ctx, 350503, "丰泽区"); err != nil {
		t.Fatal(err)
	}
	if rev, hash, err := db.Head(ctx, 350503); rev != 0 || err != nil || !bytes.Equal(hash, journal.Genesis(350503)) {
		t.Errorf("a new region's head: %d %x, %v", rev, hash, err)
	}
	if err := storetest.VerifyChain(ctx, db, 350503); err != nil {
		t.Error(err)
	}
	storetest.WantFault(t, db.EnsureRegion(ctx, 99999, "短"), fault.Invalid, "六位")
	_, err := db.Change(ctx, 999999, someBy, entry(journal.Entry{}))
	storetest.WantFault(t, err, fault.NotFound, "999999")
	storetest.WantFault(t, storetest.VerifyChain(ctx, db, 999999), fault.NotFound, "999999")
}

// Whatever somebody with the owner's rights does to one place, the walk names it.
func TestVerifyChainFindsTampering(t *testing.T) {
	t.Parallel()
	db, owner := chain(t, 4)
	const forged = `INSERT INTO journal SELECT region, %s, at, actor, origin, action, subject, reason, digest, summary, algorithm, previous, hash
		FROM journal WHERE rev = 4`
	for _, c := range []struct{ sql, says string }{
		{`UPDATE journal SET actor = '李四' WHERE rev = 2`, "修订 2 处断裂：这一条的内容被改动"},
		{`UPDATE journal SET at = at + interval '1 microsecond' WHERE rev = 1`, "修订 1 处断裂：这一条的内容被改动"},
		{`UPDATE journal SET summary = '' WHERE rev = 4`, "修订 4 处断裂：这一条的内容被改动"},
		{`UPDATE journal SET hash = sha256('x') WHERE rev = 3`, "修订 3 处断裂：这一条的内容被改动"},
		{`UPDATE journal SET previous = sha256('x') WHERE rev = 1`, "修订 1 处断裂：这一条与上一条不相连"},
		{`UPDATE journal SET algorithm = 'md5' WHERE rev = 3`, "修订 3 处断裂：算法“md5”"},
		{`DELETE FROM journal WHERE rev = 1`, "修订 1 处断裂：这一条缺失"},
		{`DELETE FROM journal WHERE rev = 3`, "修订 3 处断裂：这一条缺失"},
		{`DELETE FROM journal WHERE rev = 4`, "修订 4 处断裂：这一条缺失"},
		{fmt.Sprintf(forged, "5"), "修订 5 处断裂：这一条不是本程序登记的"},
		{fmt.Sprintf(forged, "9"), "修订 9 处断裂：这一条不是本程序登记的"},
		{`UPDATE region SET head_hash = sha256('x')`, "修订 4 处断裂：链头与最后一条不符"},
		{`UPDATE region SET head = 3`, "修订 4 处断裂：这一条不是本程序登记的"},
		{`DELETE FROM journal WHERE rev = 4; UPDATE region SET head = 3`, "修订 3 处断裂：链头与最后一条不符"},
	} {
		if _, err := owner.Exec(t.Context(), `CREATE TABLE journal_copy AS TABLE journal; CREATE TABLE region_copy AS TABLE region; `+c.sql); err != nil {
			t.Fatal(err)
		}
		storetest.WantFault(t, storetest.VerifyChain(t.Context(), db, storetest.Pingcheng), fault.Refused, c.says)
		if _, err := owner.Exec(t.Context(), `DELETE FROM journal; INSERT INTO journal TABLE journal_copy; DROP TABLE journal_copy;
			UPDATE region SET head = c.head, head_hash = c.head_hash FROM region_copy c; DROP TABLE region_copy`); err != nil {
			t.Fatal(err)
		}
		if err := storetest.VerifyChain(t.Context(), db, storetest.Pingcheng); err != nil {
			t.Fatalf("after %s was undone: %v", c.sql, err)
		}
	}
}

// Changes at the same time take one revision each, without a gap, in one chain.
func TestChangesAtOnce(t *testing.T) {
	t.Parallel()
	const writers, each = 8, 5
	db, _ := chain(t, 0)
	var wg sync.WaitGroup
	seen := make(chan int64, writers*each)
	for range writers {
		wg.Go(func() {
			for range each {
				rev, err := db.Change(t.Context(), storetest.Pingcheng, someBy, entry(journal.Entry{Action: "试验"}))
				if err != nil {
					t.Error(err)
				}
				seen <- rev
			}
		})
	}
	wg.Wait()
	close(seen)
	taken := map[int64]bool{}
	for rev := range seen {
		taken[rev] = true
	}
	if len(taken) != writers*each || !taken[1] || !taken[writers*each] {
		t.Errorf("revisions %v", taken)
	}
	if err := storetest.VerifyChain(t.Context(), db, storetest.Pingcheng); err != nil {
		t.Error(err)
	}
}

// A check of a foreign key to region must not wait for a change that is under way.
func TestForeignKeysDoNotWaitForAChange(t *testing.T) {
	t.Parallel()
	db, owner := chain(t, 0)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := db.Change(ctx, storetest.Pingcheng, someBy, func(pgx.Tx, int64) (journal.Entry, error) {
		_, err := owner.Exec(ctx, `INSERT INTO pack (region, hash, rev, body) VALUES ($1, 'x', 1, '')`, storetest.Pingcheng)
		return journal.Entry{Action: "试验"}, err
	})
	if err != nil {
		t.Error(err)
	}
}
