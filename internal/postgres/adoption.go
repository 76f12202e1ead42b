package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/policy"
)

// Adoption is one pack becoming the region's (采用). From its revision on everybody
// computes with it, past months included.
type Adoption struct {
	Rev         int64
	At          time.Time
	Hash        string
	Actor       string
	Approver    string // empty: no second person was needed
	Retroactive bool   // it changed settled months
	Reason      string
}

// AdoptedHash returns the hash of the region's pack; empty where none is adopted yet.
func (db *DB) AdoptedHash(ctx context.Context, region int32) (string, error) {
	var hash string
	err := db.Read(ctx, func(tx pgx.Tx) error {
		var err error
		hash, err = adoptedAt(ctx, tx, region, math.MaxInt64)
		return err
	})
	return hash, err
}

// adoptedAt returns the hash of the pack that the region had adopted at a revision;
// empty: none.
func adoptedAt(ctx context.Context, tx pgx.Tx, region int32, rev int64) (string, error) {
	var hash string
	err := tx.QueryRow(ctx, `SELECT hash FROM pack_adoption WHERE region = $1 AND rev <= $2 ORDER BY rev DESC LIMIT 1`, region, rev).Scan(&hash)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("read adopted pack: %w", err)
	}
	return hash, nil
}

// Adoptions returns the region's adoptions, the latest first.
func (db *DB) Adoptions(ctx context.Context, region int32) ([]Adoption, error) {
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
	Effect *PackEffect // as PackEffect has just computed it
	User   string      // who asks; must be the By's actor
	By     journal.By  // with a reason
}

// Adopt makes a pack without effect on settled months, and with the controls of the
// adopted one (policy.Controls), the region's. Errors: fault.Refused where it has an
// effect or other controls, where it is the region's already, or where something
// changed since the effect was computed; fault.Denied for users who may not;
// fault.Invalid without a reason.
func (db *DB) Adopt(ctx context.Context, o AdoptOrder) error {
	if !o.Effect.None() {
		return fault.New(fault.Refused, "规则包会改变已经结算的月份，须由两人办理")
	}
	_, err := db.Change(ctx, o.Region, o.By, func(tx pgx.Tx, rev int64) (journal.Entry, error) {
		if err := o.may(ctx, tx, rev); err != nil {
			return journal.Entry{}, err
		}
		if err := o.sameControls(ctx, tx); err != nil {
			return journal.Entry{}, err
		}
		if err := insertPack(ctx, tx, o.Region, rev, o.Pack); err != nil {
			return journal.Entry{}, err
		}
		err := insertAdoption(ctx, tx, o.Region, rev, o.Pack.Hash, o.User, o.By.Reason)
		return journal.Entry{Action: "采用规则包", Subject: o.Pack.Hash, Digest: o.Pack.Hash, Summary: "不改变已经结算的月份"}, err
	})
	return err
}

// sameControls refuses a pack whose controls are not those in force: no caller can leave
// out the second person.
func (o *AdoptOrder) sameControls(ctx context.Context, tx pgx.Tx) error {
	present, err := rulesInForce(ctx, tx, o.Region)
	if err != nil || present == nil {
		return err
	}
	if found := policy.Controls(present, o.Pack.File); len(found) > 0 {
		return fault.New(fault.Refused, "规则包的管理要求与在用的有 %d 处不同，须由两人办理：%s", len(found), found[0].Sentence)
	}
	return nil
}

// Propose records that a pack which changes settled months, or controls, is to be adopted,
// and returns the number under which a second person confirms it. Errors as Adopt.
func (db *DB) Propose(ctx context.Context, o AdoptOrder) (int, error) {
	n := 0
	_, err := db.Change(ctx, o.Region, o.By, func(tx pgx.Tx, rev int64) (journal.Entry, error) {
		if err := o.may(ctx, tx, rev); err != nil {
			return journal.Entry{}, err
		}
		base, err := adoptedAt(ctx, tx, o.Region, rev)
		if err != nil {
			return journal.Entry{}, err
		}
		if err := insertPack(ctx, tx, o.Region, rev, o.Pack); err != nil {
			return journal.Entry{}, err
		}
		e := o.Effect
		err = tx.QueryRow(ctx, `
			INSERT INTO pack_proposal (region, n, rev, hash, base, effect, heads, more, less, actor, reason)
			SELECT $1, coalesce(max(n), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM pack_proposal WHERE region = $1
			RETURNING n`, o.Region, rev, o.Pack.Hash, base, e.Digest, e.Heads, e.More, e.Less, o.User, o.By.Reason).Scan(&n)
		if err != nil {
			return journal.Entry{}, fmt.Errorf("insert proposal: %w", err)
		}
		return journal.Entry{Action: "提出采用规则包", Subject: o.Pack.Hash, Digest: e.Digest,
			Summary: fmt.Sprintf("第 %d 号，%s", n, e.adopting())}, nil
	})
	return n, err
}

// adopting says for the journal what it is that takes two people.
func (e *PackEffect) adopting() string {
	if e.None() {
		return "管理要求有改动，" + e.Sentence()
	}
	return "追溯：" + e.Sentence()
}

// may checks, under the region's lock, who asks and that nothing moved since the effect
// was computed. rev is the revision about to be made.
func (o *AdoptOrder) may(ctx context.Context, tx pgx.Tx, rev int64) error {
	u, err := currentUser(ctx, tx, o.Region, o.User)
	if err != nil {
		return err
	}
	if o.By.Reason == "" {
		return fault.Command(fault.New(fault.Invalid, "采用规则包要写明理由，请写明依据的文件"), "--reason 理由")
	}
	if !u.Active || u.Post == approval.Auditor {
		return fault.New(fault.Denied, "用户“%s”（%s）不能采用规则包，请由在用的业务或管理岗位办理", u.Name, u.Post)
	}
	hash, err := adoptedAt(ctx, tx, o.Region, rev)
	if err != nil {
		return err
	}
	if hash == o.Pack.Hash {
		return fault.New(fault.Refused, "这个规则包（%s）已经采用，不必再办", short(hash))
	}
	// A pack that is stored already may be older than a check (policy.LoadStored).
	if _, err := policy.LoadOnce(o.Pack.Body); err != nil {
		return fault.Wrap(err, fault.Invalid, "规则包有误，不能采用：%s", err.Error())
	}
	return o.Effect.current(rev)
}

// current insists that nothing became known since the effect was computed.
func (e *PackEffect) current(rev int64) error {
	if rev != e.Revision+1 {
		return fault.New(fault.Refused, "测算期间又有新的修订（第 %d 号），测算结果已经过时，请重新执行", rev-1)
	}
	return nil
}

// short is how people name a pack's hash.
func short(hash string) string { return hash[:min(12, len(hash))] }

func insertPack(ctx context.Context, tx pgx.Tx, region int32, rev int64, pack *policy.Pack) error {
	_, err := tx.Exec(ctx, `INSERT INTO pack (region, hash, rev, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		region, pack.Hash, rev, string(pack.Body))
	if err != nil {
		return fmt.Errorf("insert pack: %w", err)
	}
	return nil
}

func insertAdoption(ctx context.Context, tx pgx.Tx, region int32, rev int64, hash, actor, reason string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO pack_adoption (region, rev, hash, actor, approver, retroactive, reason, proposal)
		VALUES ($1, $2, $3, $4, '', false, $5, NULL)`, region, rev, hash, actor, reason)
	if err != nil {
		return fmt.Errorf("insert adoption: %w", err)
	}
	return nil
}

// notAdopted says what a run's pack says otherwise than the adopted one; empty where it
// is that one, or none is adopted yet.
func notAdopted(ctx context.Context, tx pgx.Tx, region int32, pack *policy.Pack, adopted string) (string, error) {
	if adopted == "" || adopted == pack.Hash {
		return "", nil
	}
	other, err := packByHash(ctx, tx, region, adopted)
	if err != nil {
		return "", err
	}
	found := policy.Diff(other.File, pack.File)
	s := fmt.Sprintf("本次所用的规则包（%s）不是采用的规则包（%s）", short(pack.Hash), short(adopted))
	if len(found) == 0 {
		return s + "，只有注释或写法不同", nil
	}
	const shown = 3
	s += "："
	for i, d := range found[:min(shown, len(found))] {
		if i > 0 {
			s += "；"
		}
		s += d.Sentence
	}
	if len(found) > shown {
		s += fmt.Sprintf("；等共 %d 处", len(found))
	}
	return s + "（全部差别见两个规则包的比较）", nil
}

// adopted reads which pack the region has adopted, and says so where the run's is another.
func (r *run) readAdopted(ctx context.Context) error {
	var err error
	if r.adopted, err = adoptedAt(ctx, r.tx, r.order.Region, r.revision); err != nil {
		return err
	}
	r.plan.NotAdopted, err = notAdopted(ctx, r.tx, r.order.Region, r.order.Pack, r.adopted)
	return err
}

// keepAdopted adopts the pack of a region's first run, under the region's lock. It
// refuses where another pack was adopted while the run computed.
func (r *run) keepAdopted(ctx context.Context, rev int64) error {
	now, err := adoptedAt(ctx, r.tx, r.order.Region, rev)
	switch {
	case err != nil:
		return err
	case now != r.adopted:
		return fault.New(fault.Refused, "运行期间采用了另一个规则包（%s），本次运行没有保存，请重新运行", short(now))
	case now != "":
		return nil
	}
	return insertAdoption(ctx, r.tx, r.order.Region, rev, r.order.Pack.Hash, r.order.By.Actor, "首次运行所用的规则包")
}
