package xlsx

import "strings"

// readStyles finds out which cell styles show a number as a date.
func (b *Book) readStyles() error {
	if b.target.styles == "" {
		return nil
	}
	custom := map[int]bool{}
	inCells := false
	return b.walk(b.target.styles, func(element string, attrs []byte) {
		switch element {
		case "numFmt":
			value, _ := attribute(attrs, "numFmtId")
			if id, ok := wholeNumber(value); ok {
				custom[id] = dateFormat(attributeText(attrs, "formatCode"))
			}
		case "cellXfs":
			inCells = true
		case "cellStyleXfs", "cellStyles", "dxfs":
			inCells = false
		case "xf":
			if !inCells {
				return
			}
			value, _ := attribute(attrs, "numFmtId")
			id, _ := wholeNumber(value)
			date, known := custom[id]
			b.dates = append(b.dates, date || (!known && builtInDate(id)))
		}
	})
}

// builtInDate reports whether a built-in number format shows a date (ECMA-376 18.8.30;
// 27 to 36 and 50 to 58 are dates where Excel speaks Chinese).
func builtInDate(id int) bool {
	switch {
	case 14 <= id && id <= 17, id == 22, 27 <= id && id <= 31, id == 36, 50 <= id && id <= 54, id == 57, id == 58:
		return true
	}
	return false
}

// dateFormat reports whether a format code shows the day or month of a date. Codes that
// show a time alone do not count.
func dateFormat(code string) bool {
	code = strings.ToLower(plainCode(code))
	if strings.Contains(code, "general") {
		return false
	}
	if strings.ContainsAny(code, "yd") {
		return true
	}
	return strings.Contains(code, "m") && !strings.ContainsAny(code, "hs")
}

// plainCode returns the first section of a format code without what is shown
// literally ("年", \-) and without conditions, colours and locales ([$-804]).
func plainCode(code string) string {
	var out strings.Builder
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case ';':
			return out.String()
		case '\\', '_', '*':
			i++
		case '"':
			i += skipTo(code[i+1:], '"')
		case '[':
			n := skipTo(code[i+1:], ']')
			if strings.Trim(code[i+1:i+1+n], "hHmMsS]") == "" {
				out.WriteByte('h') // [h], [mm]: time that has passed
			}
			i += n
		default:
			out.WriteByte(code[i])
		}
	}
	return out.String()
}

func skipTo(code string, end byte) int {
	if i := strings.IndexByte(code, end); i >= 0 {
		return i + 1
	}
	return len(code)
}
