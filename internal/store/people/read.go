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

// Dossiers calls fn with everybody known at revision rev (0: the head), in the order of
// person number, a block of people in memory at a time. Knowledge is never
// overwritten, so what fn gets is one consistent cut, however long it takes and whatever
// is imported meanwhile. fn may use the database and may keep the dossier. Errors: fn's
// own; fault.NotFound when region or revision do not exist.
func Dossiers(ctx context.Context, db *postgres.DB, region int32, rev int64, fn func(*roster.Dossier) error) error {
	const block = 4096
	var end int64 // the first number that nobody has
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) (err error) {
		if rev, err = RevisionOf(ctx, scope.At(rev)); err != nil {
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

// FindDossier returns the person who carries the number at revision rev (0: the head),
// or else the one who once carried it, or whom the one who did was merged into. The number is as roster.CleanID leaves it.
// Errors: fault.NotFound when there is no such person, region or revision;
// fault.Refused when nobody carries the number now and several once did.
func FindDossier(ctx context.Context, db *postgres.DB, region int32, idNumber string, rev int64) (*roster.Dossier, error) {
	var found *roster.Dossier
	err := db.ReadRegion(ctx, region, func(scope postgres.Scope) error {
		at, err := RevisionOf(ctx, scope.At(rev))
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
	return choose(dossiers, idNumber)
}

// choose returns the dossier that a number stands for among those who ever carried it.
func choose(dossiers []*roster.Dossier, id string) (*roster.Dossier, error) {
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

// RevisionOf returns the revision that rev means: the head for 0.
func RevisionOf(ctx context.Context, scope postgres.Scope) (int64, error) {
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

// ReadDossiers returns the people selected as known at revision rev, in the order of
// person number.
func ReadDossiers(ctx context.Context, scope postgres.Scope, who selection) ([]*roster.Dossier, error) {
	var dossiers []*roster.Dossier
	there := who + selection(" AND NOT "+WasMerged("person", scope.Region, scope.Rev)) // histories of others find no owner
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
		if d := Owner(dossiers, h.Person); d != nil {
			d.Facts = append(d.Facts, h.Records...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	err = Awards.Each(ctx, scope, who, func(h History[roster.Award]) error {
		if d := Owner(dossiers, h.Person); d != nil {
			d.Awards = append(d.Awards, h.Records...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read awards: %w", err)
	}
	return dossiers, nil
}

// Owner finds a person's dossier.
func Owner(dossiers []*roster.Dossier, number int64) *roster.Dossier {
	i, ok := slices.BinarySearchFunc(dossiers, number, func(d *roster.Dossier, n int64) int { return int(d.Number - n) })
	if !ok {
		return nil
	}
	return dossiers[i]
}
