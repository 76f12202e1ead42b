package payrun

// MergedAway is why an amount ends for a record that was merged into another one.
const MergedAway = "记录已并入同一人的另一条记录"

// BridgeMerged calls fn with a row for each person and item of lines of an earlier batch,
// in the order of batches, whose record was merged into another one since. Only 当月
// lines that were not held count.
func BridgeMerged(last []Line, fn func(BridgeRow)) {
	var row BridgeRow
	var person int64
	flush := func() {
		if row.Last != 0 {
			fn(row)
		}
	}
	for i := range last {
		l := &last[i]
		if l.Kind != Current || l.Hold != 0 {
			continue
		}
		if l.Person != person || l.Item != row.Item {
			flush()
			person = l.Person
			row = BridgeRow{Item: l.Item, Name: l.Name, ID: l.ID, Street: l.Street, Community: l.Community, Reason: MergedAway, Plain: MergedAway}
		}
		row.Last = row.Last.Add(l.Amount)
	}
	flush()
}
