package batches

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/payrun"
	"disburse/internal/postgres"
)

// Part is the rows of a batch in a table that a run replaces, and from which AppRole may
// therefore delete. A seal, which is append-only, records their digest, so that tampering is
// detected all the same.
type Part struct {
	Name  string
	Title string // for people
	sql   string // its rows in the order of their keys; %[1]d region, %[2]d batch
}

// signedParts are sealed when a batch is computed and when it is submitted, because who signs
// the batch relies on them.
var signedParts = []Part{
	{"finding", "检查结果", `SELECT id, person, level, kind, item, sentence FROM finding
		WHERE region = %[1]d AND batch = %[2]d ORDER BY id, person`},
	{"debt", "待追缴", `SELECT person, item, payee, month, amount, id_number, name, street FROM debt
		WHERE region = %[1]d AND batch = %[2]d ORDER BY person, item, payee, month`},
	{"batch_item", "项目合计", `SELECT item, heads, current, arrears, recovery, held FROM batch_item
		WHERE region = %[1]d AND batch = %[2]d ORDER BY item`},
}

// LaterPart is the recovery register that a later run computed without making a batch, stored
// with the bureau's latest batch.
var LaterPart = Part{"later_register", "后续追缴", `
	SELECT l.revision, d.person, d.item, d.payee, d.month, d.amount, d.id_number, d.name, d.street
	FROM later_register l LEFT JOIN later_debt d ON d.region = l.region AND d.batch = l.batch
	WHERE l.region = %[1]d AND l.batch = %[2]d ORDER BY d.person, d.item, d.payee, d.month`}

// PartByName returns a part by the name in part_seal; nil: unknown.
func PartByName(name string) *Part {
	for i := range signedParts {
		if signedParts[i].Name == name {
			return &signedParts[i]
		}
	}
	if name == LaterPart.Name {
		return &LaterPart
	}
	return nil
}

// Sum counts and digests the part's rows as stored now.
func (p *Part) Sum(ctx context.Context, scope postgres.Scope, batch int32) (rows int64, digest string, err error) {
	sum := sha256.New()
	sql := "COPY (" + fmt.Sprintf(p.sql, scope.Region, batch) + ") TO STDOUT (FORMAT binary)"
	err = postgres.CopyOut(ctx, scope.Tx.Conn().PgConn(), sql, func(r *postgres.RowReader) error {
		for r.Next() {
			rows++
			sum.Write(r.Raw())
		}
		return r.Err()
	})
	if err != nil {
		return 0, "", fmt.Errorf("digest %s of batch %d: %w", p.Name, batch, err)
	}
	return rows, hex.EncodeToString(sum.Sum(nil)), nil
}

// Seal stores the part's digest at the scope's revision.
func (p *Part) Seal(ctx context.Context, scope postgres.Scope, batch int32) error {
	rows, digest, err := p.Sum(ctx, scope, batch)
	if err != nil {
		return err
	}
	_, err = scope.Tx.Exec(ctx, `INSERT INTO part_seal (region, batch, name, rev, rows, digest) VALUES ($1, $2, $3, $4, $5, $6)`,
		scope.Region, batch, p.Name, scope.Rev, rows, digest)
	if err != nil {
		return fmt.Errorf("seal %s of batch %d: %w", p.Name, batch, err)
	}
	return nil
}

// SealParts seals all parts that signers rely on.
func SealParts(ctx context.Context, scope postgres.Scope, batch int32) error {
	for i := range signedParts {
		if err := signedParts[i].Seal(ctx, scope, batch); err != nil {
			return err
		}
	}
	return nil
}

// PartSeal is the newest seal of a part of a batch.
type PartSeal struct {
	Batch  int32
	Name   string
	Rev    int64
	Rows   int64
	Digest string
	ByRun  bool // sealed by a run; false: at submission
}

// Applies reports whether the seal must match the present content of a batch in the state.
// The seal of a submission does not once the batch is open again: it may have been computed
// again by an earlier version of the program, whose runs did not seal.
func (s *PartSeal) Applies(state payrun.State) bool {
	return s.ByRun || !(state == payrun.Open || state == payrun.CarriedOver)
}

// PartSeals reads the newest seals of a region's batches, or of one (batch > 0).
func PartSeals(ctx context.Context, scope postgres.Scope, batch int32) ([]PartSeal, error) {
	rows, err := scope.Tx.Query(ctx, `SELECT DISTINCT ON (s.batch, s.name) s.batch, s.name, s.rev, s.rows, s.digest, coalesce(j.action = $3, false)
		FROM part_seal s LEFT JOIN journal j ON j.region = s.region AND j.rev = s.rev
		WHERE s.region = $1 AND ($2 = 0 OR s.batch = $2) ORDER BY s.batch, s.name, s.rev DESC`, scope.Region, batch, RunAction)
	if err != nil {
		return nil, fmt.Errorf("read seals of parts: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[PartSeal])
	if err != nil {
		return nil, fmt.Errorf("read seals of parts: %w", err)
	}
	return all, nil
}

// CheckSealedParts refuses a batch whose findings, debts or totals differ from those with
// which it was computed or submitted. Batches of earlier program versions have no seals and
// pass. Errors: fault.Refused.
func CheckSealedParts(ctx context.Context, scope postgres.Scope, b payrun.Batch) error {
	seals, err := PartSeals(ctx, scope, b.Number)
	if err != nil {
		return err
	}
	for _, s := range seals {
		p := PartByName(s.Name)
		if p == nil || p == &LaterPart || !s.Applies(b.State) {
			continue
		}
		rows, digest, err := p.Sum(ctx, scope, b.Number)
		if err != nil {
			return err
		}
		if rows != s.Rows || digest != s.Digest {
			when := "提交时"
			if s.ByRun {
				when = "运行时"
			}
			return fault.New(fault.Refused, "%s的%s与%s不一致（%s %d 条，现有 %d 条），可能被程序以外的途径改动，不能签字，请%s重新运行并查明原因",
				approval.Title(b), p.Title, when, when, s.Rows, rows, ReturnFirst(b))
		}
	}
	return nil
}

// RunAction is what the journal calls a run.
const RunAction = "运行月份"

// ReturnFirst begins the advice to run a batch again: one in signing must be returned first.
func ReturnFirst(b payrun.Batch) string {
	if b.State.InSigning() {
		return "先退回，再"
	}
	return ""
}
