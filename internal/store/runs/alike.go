package runs

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"disburse/internal/month"
	"disburse/internal/payrun/engine"
	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/people"
)

// AlikeKey appends the key by which namesakes are found to b: four bytes of the birth date,
// big endian, then the name. Alike decodes it again, so the layout must not change alone.
func AlikeKey(b []byte, birth month.Date, name []byte) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(birth)), name...)
}

// Alike looks up candidates, which are keys made by AlikeKey, and returns by person the
// others of the same name and birth date who may be the same human (疑似重复,
// docs/rules.md §6.2). False positives among the candidates are dropped by the exact query.
func Alike(ctx context.Context, scope postgres.Scope, m month.Month, candidates []string) (map[int64][]int64, error) {
	if len(candidates) == 0 {
		return nil, nil
	}
	where, args := "", []any{pgx.QueryExecModeExec, scope.Region, scope.Rev}
	// With candidateLimit or more the candidate list is incomplete (repeatFilter.add stops there),
	// so the query groups everybody instead.
	if len(candidates) < candidateLimit {
		names, births := make([]string, len(candidates)), make([]time.Time, len(candidates))
		for i, key := range candidates {
			names[i] = key[4:]
			births[i] = month.Date(int32(binary.BigEndian.Uint32([]byte(key[:4])))).Time()
		}
		where, args = " AND (name, birth) IN (SELECT * FROM unnest($3::text[], $4::date[]))", append(args, names, births)
	}
	rows, err := scope.Tx.Query(ctx, `
		WITH known AS MATERIALIZED (
		    SELECT person, id_number, name, birth, moved_in, moved_out, died FROM person p
		    WHERE region = $1 AND rev <= $2`+where+`
		      AND NOT EXISTS (SELECT FROM person later WHERE later.region = p.region AND later.person = p.person
		                      AND later.rev > p.rev AND later.rev <= $2)
		      AND NOT `+people.WasMerged("p", scope.Region, scope.Rev)+`)
		SELECT person, id_number, name, birth, moved_in, moved_out, died
		FROM known JOIN (SELECT name, birth FROM known GROUP BY name, birth HAVING count(*) > 1) several USING (name, birth)`, args...)
	if err != nil {
		return nil, fmt.Errorf("read people of one name and birth date: %w", err)
	}
	people, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p roster.Person, err error) {
		var birth time.Time
		var in, out, died *time.Time
		err = row.Scan(&p.Number, &p.ID, &p.Name, &birth, &in, &out, &died)
		p.Birth, p.MovedIn, p.MovedOut, p.Died = month.FromTime(birth), postgres.NullableDate(in), postgres.NullableDate(out), postgres.NullableDate(died)
		return p, err
	})
	if err != nil {
		return nil, fmt.Errorf("read people of one name and birth date: %w", err)
	}
	return engine.Alike(people, m), nil
}

// names reads name and ID number of everybody whom a finding about several people will
// mention: those who share an account or an ID number, and possible duplicates.
func (p *Planner) names(ctx context.Context) error {
	var people []int64
	for _, groups := range []map[string][]int64{p.Plan.Shared, p.Plan.Doubled} {
		for _, group := range groups {
			people = append(people, group...)
		}
	}
	for person := range p.Plan.Alike {
		people = append(people, person)
	}
	p.Plan.Names = make(map[int64]engine.Named, len(people))
	if len(people) == 0 {
		return nil
	}
	rows, err := p.Tx.Query(ctx, `
		SELECT DISTINCT ON (person) person, name, id_number FROM person
		WHERE region = $1 AND person = ANY($2) AND rev <= $3 ORDER BY person, rev DESC`, pgx.QueryExecModeExec, p.Order.Region, people, p.Computation.Revision)
	if err != nil {
		return fmt.Errorf("read names: %w", err)
	}
	var person int64
	var n engine.Named
	_, err = pgx.ForEachRow(rows, []any{&person, &n.Name, &n.ID}, func() error { p.Plan.Names[person] = n; return nil })
	if err != nil {
		return fmt.Errorf("read names: %w", err)
	}
	return nil
}
