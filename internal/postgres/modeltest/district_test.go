package modeltest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/bank"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/policy"
	"disburse/internal/postgres"
	"disburse/internal/postgres/pgtest"
	"disburse/internal/store/signing"
)

const (
	region  = int32(140213)
	civil   = "区民政局"
	labor   = "区人社局"
	insurer = "区医保局"
)

var (
	opening    = month.Of(2026, 7)
	raisedFrom = month.Of(2026, 9)
	clock      = time.Date(2026, 9, 10, 9, 0, 0, 0, time.FixedZone("CST", 8*3600))
)

// packs are the built-in one, and one in which 高龄津贴 was raised from an earlier month.
var packs = [2]*policy.Pack{loadPack(false), loadPack(true)}

func loadPack(raised bool) *policy.Pack {
	body := string(policy.Builtin())
	if raised {
		const rate = "      - {from: 2024-01, value: 70, source: 清单第11项}\n"
		body = strings.Replace(body, rate, rate+"      - {from: 2026-09, value: 85, source: 试调标}\n", 1)
	}
	p, err := policy.LoadOnce([]byte(body))
	if err != nil {
		panic(err)
	}
	return p
}

// district is the real system with the model of it beside it.
type district struct {
	*model
	ctx     context.Context
	db      *postgres.DB
	users   map[string][]approval.User // by bureau
	rand    *rand.Rand                 // of the step at hand
	serial  int                        // of ID numbers and accounts
	did     map[string]int             // what came to pass, for the record
	last    month.Month                // the latest that was run
	imports []imported
	merged  [][3]int64  // kept, gone and the revision
	paidIn  month.Month // whose payments the step changed; 0: none
}

// open begins a district on a new database.
func open(t testing.TB) (*district, error) {
	d := &district{model: newModel(), ctx: t.Context(), db: pgtest.Open(t), users: map[string][]approval.User{}, did: map[string]int{}}
	if err := d.db.EnsureRegion(d.ctx, region, "平城区"); err != nil {
		return nil, err
	}
	return d, d.db.InTx(d.ctx, func(tx pgx.Tx) error {
		for _, bureau := range []string{civil, labor} {
			for _, name := range []string{"甲经办", "乙经办", "甲复核", "乙复核", "甲审批", "乙审批"} {
				u := approval.User{Name: name + "·" + bureau, Post: approval.Post([]rune(name)[1:]), Bureau: bureau, Active: true}
				d.users[bureau] = append(d.users[bureau], u)
				_, err := tx.Exec(d.ctx, `INSERT INTO account_user (region, name, post, bureau, password, active) VALUES ($1, $2, $3, $4, 'x', true)`,
					region, u.Name, string(u.Post), bureau)
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (d *district) pack() *policy.Pack {
	if d.raised {
		return packs[1]
	}
	return packs[0]
}

// packOf is the pack that a batch was computed with.
func packOf(b *batch) *policy.Pack {
	if b.raised {
		return packs[1]
	}
	return packs[0]
}

func by(actor, reason string) journal.By {
	return journal.By{Actor: actor, Origin: "主机", At: clock, Reason: reason}
}

func (d *district) head() (int64, error) {
	rev, _, err := d.db.Head(d.ctx, region)
	return rev, err
}

// one draws one of several.
func one[T any](r *rand.Rand, all ...T) T { return all[r.IntN(len(all))] }

// chance is true in n of a hundred draws.
func (d *district) chance(n int) bool { return d.rand.IntN(100) < n }

// payOrder is what bank files take from the pack.
func payOrder(bureau string, pack *policy.Pack) signing.PayOrder {
	code := map[string]string{civil: "MZ", labor: "RS"}[bureau]
	return signing.PayOrder{Code: code, Items: itemsOf[bureau], Streets: []string{"永泰", "古城"}, Banks: signing.PayBanks(pack.File)}
}

// codes are the result codes of the banks.
var codes = bank.CodesOf(packs[0].File)

// step is one thing that happens; seed makes all its choices, so that a history with
// steps taken out is still a history.
type step struct {
	what string
	seed uint64
}

func (s step) String() string { return fmt.Sprintf("%s/%d", s.what, s.seed) }
