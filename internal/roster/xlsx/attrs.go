package xlsx

import "bytes"

// nextAttr takes the first attribute off attrs. The value keeps its entities. ok is
// false at the end, and where attrs is not well-formed.
func nextAttr(attrs []byte) (name, value, rest []byte, ok bool) {
	i := 0
	for i < len(attrs) && space(attrs[i]) {
		i++
	}
	from := i
	for i < len(attrs) && attrs[i] != '=' && !space(attrs[i]) {
		i++
	}
	name = attrs[from:i]
	for i < len(attrs) && space(attrs[i]) {
		i++
	}
	if i == len(attrs) || attrs[i] != '=' {
		return nil, nil, nil, false
	}
	i++
	for i < len(attrs) && space(attrs[i]) {
		i++
	}
	if i == len(attrs) || (attrs[i] != '"' && attrs[i] != '\'') {
		return nil, nil, nil, false
	}
	end := bytes.IndexByte(attrs[i+1:], attrs[i])
	if end < 0 {
		return nil, nil, nil, false
	}
	return name, attrs[i+1 : i+1+end], attrs[i+2+end:], true
}

// attribute returns the value of the attribute of exactly this name, prefix included.
func attribute(attrs []byte, want string) ([]byte, bool) {
	for {
		name, value, rest, ok := nextAttr(attrs)
		if !ok {
			return nil, false
		}
		if string(name) == want {
			return value, true
		}
		attrs = rest
	}
}

// attributeText is attribute with entities resolved; empty where it is absent.
func attributeText(attrs []byte, want string) string {
	value, _ := attribute(attrs, want)
	text, err := appendUnescaped(nil, value)
	if err != nil {
		return ""
	}
	return string(text)
}

// relationID returns the r:id attribute, whatever prefix stands for r.
func relationID(attrs []byte) string {
	for {
		name, value, rest, ok := nextAttr(attrs)
		if !ok {
			return ""
		}
		if bytes.HasSuffix(name, []byte(":id")) {
			return string(value)
		}
		attrs = rest
	}
}

// isTrue reads an XML boolean.
func isTrue(value []byte) bool { return string(value) == "1" || string(value) == "true" }

// wholeNumber reads a whole number of at most nine digits.
func wholeNumber(value []byte) (int, bool) {
	if len(value) == 0 || len(value) > 9 {
		return 0, false
	}
	n := 0
	for _, c := range value {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}
