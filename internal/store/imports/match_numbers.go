package imports

import (
	"context"
	"fmt"
	"slices"

	"disburse/internal/postgres"
	"disburse/internal/roster"
	"disburse/internal/store/people"
)

// rowsOfMerged returns the merges up to the scope's revision and, by survivor, the rows of all
// records that were merged into the same person as any of the people, oldest first.
func rowsOfMerged(ctx context.Context, scope postgres.Scope, persons []int64) (people.Merges, map[int64][]roster.Person, error) {
	merged, err := people.ReadMerges(ctx, scope)
	if err != nil || len(merged) == 0 {
		return merged, nil, err
	}
	wanted := map[int64]bool{}
	for _, p := range persons {
		wanted[merged.Survivor(p)] = true
	}
	var gone []int64
	for p, survivor := range merged {
		if wanted[survivor] {
			gone = append(gone, p)
		}
	}
	slices.Sort(gone)
	former := map[int64][]roster.Person{}
	err = people.EachPersonRow(ctx, scope, people.Among(gone), func(p roster.Person) error {
		survivor := merged.Survivor(p.Number)
		former[survivor] = append(former[survivor], p)
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read merged people: %w", err)
	}
	return merged, former, nil
}

// formerNumbers returns the merges, and the ID numbers of merged records by survivor.
func (m *matchRun) formerNumbers(ctx context.Context) (people.Merges, map[int64][]string, error) {
	merged, err := people.ReadMerges(ctx, m.Scope)
	if err != nil {
		return nil, nil, err
	}
	var gone []int64
	for p := range merged {
		gone = append(gone, p)
	}
	_, rows, err := rowsOfMerged(ctx, m.Scope, gone)
	if err != nil {
		return nil, nil, err
	}
	numbers := map[int64][]string{}
	for survivor, people := range rows {
		for i := range people {
			numbers[survivor] = append(numbers[survivor], people[i].ID)
		}
	}
	return merged, numbers, nil
}
