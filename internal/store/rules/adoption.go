package rules

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/policy"
	"disburse/internal/policy/diff"
	"disburse/internal/postgres"
	"disburse/internal/store/packs"
	"disburse/internal/store/users"
)

// Adoption is the adoption (采用) of one pack by the region. From its revision on runs compute
// with it, past months included.
type Adoption struct {
	Rev         int64
	At          time.Time
	Hash        string
	Actor       string
	Approver    string // empty: no second person was needed
	Retroactive bool   // it changed settled months
	Reason      string
}

// Adoptions returns the region's adoptions, the latest first.
func Adoptions(ctx context.Context, db *postgres.DB, region int32) ([]Adoption, error) {
	var all []Adoption
	err := db.Read(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			SELECT a.rev, j.at, a.hash, a.actor, a.approver, a.retroactive, a.reason
			FROM pack_adoption a JOIN journal j USING (region, rev) WHERE a.region = $1 ORDER BY a.rev DESC`, region)
		if err != nil {
			return fmt.Errorf("read adoptions: %w", err)
		}
		all, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Adoption])
		if err != nil {
			return fmt.Errorf("read adoptions: %w", err)
		}
		return nil
	})
	return all, err
}

// AdoptOrder asks for another pack to become the region's.
type AdoptOrder struct {
	Region int32
	Pack   *policy.Pack
	Effect *PackEffect // as ReadEffect has just computed it
	User   string      // who adopts or proposes; must be By's actor
	By     journal.By  // with a reason
}

// Adopt adopts a pack that has no effect on settled months and the same controls as the adopted
// one (diff.Controls): such a pack needs no second person. Errors: fault.Refused where it has
// an effect or other controls, is adopted already, or where something changed since the effect
// was computed; fault.Denied for users who may not; fault.Invalid without a reason.
func Adopt(ctx context.Context, db *postgres.DB, o AdoptOrder) error {
	if !o.Effect.None() {
		return fault.New(fault.Refused, "规则包会改变已经结算的月份，须由两人办理")
	}
	_, err := db.Change(ctx, o.Region, o.By, func(scope postgres.Scope) (journal.Entry, error) {
		if err := o.check(ctx, scope.Tx, scope.Rev); err != nil {
			return journal.Entry{}, err
		}
		if err := o.checkSameControls(ctx, scope.Tx); err != nil {
			return journal.Entry{}, err
		}
		if err := packs.Insert(ctx, scope, o.Pack); err != nil {
			return journal.Entry{}, err
		}
		err := packs.InsertAdoption(ctx, scope, o.Pack.Hash, o.User, o.By.Reason)
		return journal.Entry{Action: "采用规则包", Subject: o.Pack.Hash, Digest: o.Pack.Hash, Summary: "不改变已经结算的月份"}, err
	})
	return err
}

// checkSameControls refuses a pack whose controls differ from those in force. It is checked here
// so that no caller can bypass the second person.
func (o *AdoptOrder) checkSameControls(ctx context.Context, tx pgx.Tx) error {
	present, err := packs.RulesInForce(ctx, postgres.In(tx, o.Region))
	if err != nil || present == nil {
		return err
	}
	if found := diff.Controls(present, o.Pack.File); len(found) > 0 {
		return fault.New(fault.Refused, "规则包的管理要求与在用的有 %d 处不同，须由两人办理：%s", len(found), found[0].Sentence)
	}
	return nil
}

// Propose stores a proposal to adopt a pack that changes settled months or controls, and returns
// the number by which a second person confirms it. Errors as Adopt.
func Propose(ctx context.Context, db *postgres.DB, o AdoptOrder) (int, error) {
	n := 0
	_, err := db.Change(ctx, o.Region, o.By, func(scope postgres.Scope) (journal.Entry, error) {
		if err := o.check(ctx, scope.Tx, scope.Rev); err != nil {
			return journal.Entry{}, err
		}
		base, err := packs.AdoptedAt(ctx, scope)
		if err != nil {
			return journal.Entry{}, err
		}
		if err := packs.Insert(ctx, scope, o.Pack); err != nil {
			return journal.Entry{}, err
		}
		e := o.Effect
		err = scope.Tx.QueryRow(ctx, `
			INSERT INTO pack_proposal (region, n, rev, hash, base, effect, heads, more, less, actor, reason)
			SELECT $1, coalesce(max(n), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM pack_proposal WHERE region = $1
			RETURNING n`, o.Region, scope.Rev, o.Pack.Hash, base, e.Digest, e.Heads, e.More, e.Less, o.User, o.By.Reason).Scan(&n)
		if err != nil {
			return journal.Entry{}, fmt.Errorf("insert proposal: %w", err)
		}
		return journal.Entry{Action: "提出采用规则包", Subject: o.Pack.Hash, Digest: e.Digest,
			Summary: fmt.Sprintf("第 %d 号，%s", n, e.adoptionSummary())}, nil
	})
	return n, err
}

// adoptionSummary says for the journal why two people are needed.
func (e *PackEffect) adoptionSummary() string {
	if e.None() {
		return "管理要求有改动，" + e.Sentence()
	}
	return "追溯：" + e.Sentence()
}

// check checks, with the region's row locked, the user, and that nothing changed since the effect
// was computed. rev is the revision about to be written.
func (o *AdoptOrder) check(ctx context.Context, tx pgx.Tx, rev int64) error {
	u, err := users.Current(ctx, postgres.In(tx, o.Region), o.User)
	if err != nil {
		return err
	}
	if o.By.Reason == "" {
		return fault.Command(fault.New(fault.Invalid, "采用规则包要写明理由，请写明依据的文件"), "--reason 理由")
	}
	if !u.Active || u.Post == approval.Auditor {
		return fault.New(fault.Denied, "用户“%s”（%s）不能采用规则包，请由在用的业务或管理岗位办理", u.Name, u.Post)
	}
	hash, err := packs.AdoptedAt(ctx, postgres.In(tx, o.Region).At(rev))
	if err != nil {
		return err
	}
	if hash == o.Pack.Hash {
		return fault.New(fault.Refused, "这个规则包（%s）已经采用，不必再办", packs.ShortHash(hash))
	}
	// A stored pack may be older than a check that was added since (policy.LoadStored skips it).
	if _, err := policy.LoadOnce(o.Pack.Body); err != nil {
		return fault.Wrap(err, fault.Invalid, "规则包有误，不能采用：%s", err.Error())
	}
	return o.Effect.checkCurrent(rev)
}

// checkCurrent refuses if there was another revision since the effect was computed.
func (e *PackEffect) checkCurrent(rev int64) error {
	if rev != e.Revision+1 {
		return fault.New(fault.Refused, "测算期间又有新的修订（第 %d 号），测算结果已经过时，请重新执行", rev-1)
	}
	return nil
}
