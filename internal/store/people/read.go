package people

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"disburse/internal/fault"
	"disburse/internal/postgres"
	"disburse/internal/roster"
)

// EachDossier calls fn with everybody as of revision rev (0: the head), by person number, with
// a block of people in memory at a time. Rows are never overwritten, so fn gets one
// consistent snapshot across all the transactions, whatever is imported meanwhile. fn may
// use the database and may keep the dossier. Errors: fn's own; fault.NotFound when region
// or revision do not exist.
func EachDossier(ctx context.Context, db *postgres.DB, region int32, rev int64, fn func(*roster.Dossier) error) error {
	const block = 4096
	var end int64 // the first unused person number
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) (err error) {
		if rev, err = ResolveRevision(ctx, scope.At(rev)); err != nil {
			return err
		}
		return scope.Tx.QueryRow(ctx, `SELECT next_person FROM region WHERE region = $1`, region).Scan(&end)
	})
	if err != nil {
		return err
	}
	for lo := int64(1); lo < end; lo += block {
		var dossiers []*roster.Dossier
		err := db.ReadRegion(ctx, region, func(scope postgres.Scope) (err error) {
			dossiers, err = ReadDossiers(ctx, scope.At(rev), Between(lo, min(lo+block, end)))
			return err
		})
		if err != nil {
			return err
		}
		for _, d := range dossiers {
			if err := fn(d); err != nil {
				return err
			}
		}
	}
	return nil
}

// FindDossier returns the person with the ID number as of revision rev (0: the head), or else
// the one who had it before, or the survivor of the merged record that had it. The number
// must be normalized by roster.CleanID. Errors: fault.NotFound when there is no such person,
// region or revision; fault.Refused when nobody has the number now and several had it.
func FindDossier(ctx context.Context, db *postgres.DB, region int32, idNumber string, rev int64) (*roster.Dossier, error) {
	var found *roster.Dossier
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		at, err := ResolveRevision(ctx, scope.At(rev))
		if err != nil {
			return err
		}
		found, err = FindDossierIn(ctx, scope, idNumber, at)
		return err
	})
	return found, err
}

// FindDossierIn is FindDossier at a revision that exists.
func FindDossierIn(ctx context.Context, scope postgres.Scope, idNumber string, at int64) (*roster.Dossier, error) {
	rows, err := scope.Tx.Query(ctx, `
		SELECT DISTINCT person FROM person WHERE region = $1 AND id_number = $2 AND rev <= $3 ORDER BY person`, scope.Region, idNumber, at)
	if err != nil {
		return nil, fmt.Errorf("find person by number: %w", err)
	}
	people, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("find person by number: %w", err)
	}
	merged, err := ReadMerges(ctx, scope.At(at))
	if err != nil {
		return nil, err
	}
	dossiers, err := ReadDossiers(ctx, scope.At(at), Among(merged.Survivors(people)))
	if err != nil {
		return nil, err
	}
	return pickCarrier(dossiers, idNumber)
}

// pickCarrier returns the dossier that an ID number means, among those who ever had it.
func pickCarrier(dossiers []*roster.Dossier, id string) (*roster.Dossier, error) {
	var present []string
	for _, d := range dossiers {
		if d.ID == id {
			return d, nil
		}
		present = append(present, roster.MaskID(d.ID))
	}
	switch len(dossiers) {
	case 0:
		return nil, fault.New(fault.NotFound, "花名册里没有身份证号 %s，请核对", roster.MaskID(id))
	case 1:
		return dossiers[0], nil
	}
	return nil, fault.New(fault.Refused, "%s 是旧号码，先后属于 %d 个人，请改用其中一人现在的号码：%s",
		roster.MaskID(id), len(dossiers), strings.Join(present, "、"))
}

// ResolveRevision returns the scope's revision, or the head where that is 0. Errors:
// fault.NotFound where the revision does not exist yet.
func ResolveRevision(ctx context.Context, scope postgres.Scope) (int64, error) {
	h, err := postgres.ReadHead(ctx, scope.Tx, scope.Region, "")
	if err != nil {
		return 0, err
	}
	if scope.Rev < 0 || scope.Rev > h.Rev {
		return 0, fault.New(fault.NotFound, "没有修订 %d，最后一个修订是 %d，请核对", scope.Rev, h.Rev)
	}
	if scope.Rev == 0 {
		return h.Rev, nil
	}
	return scope.Rev, nil
}

// ReadDossiers returns the selected people as of the scope's revision, by person number,
// without merged records.
func ReadDossiers(ctx context.Context, scope postgres.Scope, who condition) ([]*roster.Dossier, error) {
	var dossiers []*roster.Dossier
	there := who + condition(" AND NOT "+WasMerged("person", scope.Region, scope.Rev)) // their histories find no dossier below
	err := EachPersonRow(ctx, scope, there, func(p roster.Person) error {
		if n := len(dossiers); n > 0 && dossiers[n-1].Number == p.Number {
			dossiers[n-1].Person = p
			return nil
		}
		dossiers = append(dossiers, &roster.Dossier{Person: p})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read people: %w", err)
	}
	err = Facts.Each(ctx, scope, who, func(h History[roster.Fact]) error {
		if d := DossierOf(dossiers, h.Person); d != nil {
			d.Facts = append(d.Facts, h.Records...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	err = Awards.Each(ctx, scope, who, func(h History[roster.Award]) error {
		if d := DossierOf(dossiers, h.Person); d != nil {
			d.Awards = append(d.Awards, h.Records...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read awards: %w", err)
	}
	return dossiers, nil
}

// DossierOf returns a person's dossier from a list sorted by number; nil: not in it.
func DossierOf(dossiers []*roster.Dossier, number int64) *roster.Dossier {
	i, ok := slices.BinarySearchFunc(dossiers, number, func(d *roster.Dossier, n int64) int { return int(d.Number - n) })
	if !ok {
		return nil
	}
	return dossiers[i]
}
