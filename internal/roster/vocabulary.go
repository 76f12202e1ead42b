package roster

// Vocabulary is what a policy pack declares that the roster workbook and its
// reader must know. It keeps the roster free of the packs themselves.
type Vocabulary struct {
	Title   string // name of the published list, for the workbook's notes
	Streets []string
	Facts   []FactKind
	Items   []ItemName // items that pay 核定金额
}

// FactType is the type of a fact's values.
type FactType int

// The types, as packs name them.
const (
	Flag    FactType = iota // flag: 是
	Choice                  // choice: one of Values
	Choices                 // choices: one or more of Values, joined by 、
	Text                    // text
	Amount                  // amount: 元, two decimals
)

// FactKind declares a fact.
type FactKind struct {
	Name   string
	Type   FactType
	Values []string
	Note   string
}

// ItemName is an item's code and name.
type ItemName struct{ Code, Name string }

// Fact returns the declaration of a fact.
func (v *Vocabulary) Fact(name string) (FactKind, bool) {
	for _, f := range v.Facts {
		if f.Name == name {
			return f, true
		}
	}
	return FactKind{}, false
}

// Item reports whether 核定金额 may be recorded for the item.
func (v *Vocabulary) Item(code string) bool {
	for _, i := range v.Items {
		if i.Code == code {
			return true
		}
	}
	return false
}
