package runs

import (
	"encoding/binary"

	"disburse/internal/money"
	"disburse/internal/payrun"
	"disburse/internal/store/batches"
)

// parseLineMark decodes a line as encodeLine writes it. The mark's texts are slices of row
// and valid only as long as row is: nothing is allocated, as this runs for every line.
func parseLineMark(row []byte, m *batches.LineSummary) {
	at := 2 // after the number of fields
	for field := range 15 {
		size := int(binary.BigEndian.Uint32(row[at:]))
		value := row[at+4 : at+4+size]
		at += 4 + size
		switch field {
		case 2:
			m.Person = int64(binary.BigEndian.Uint64(value))
		case 3:
			m.Item = value
		case 7:
			m.Kind = payrun.Kind(binary.BigEndian.Uint16(value))
		case 8:
			m.Amount = money.Fen(binary.BigEndian.Uint64(value))
		case 9:
			m.Hold = payrun.Hold(binary.BigEndian.Uint16(value))
		case 11:
			m.Name = value
		case 12:
			m.Street = value
		case 14:
			m.Bank = value
		}
	}
}
