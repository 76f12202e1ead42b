package judge

import (
	"fmt"

	"disburse/internal/policy/packfile"
)

// list puts the person on the item's list, with the detail of the first case that holds.
func (r *result) list(v *view, item *packfile.Item) error {
	if item.List.Value == "" {
		return nil
	}
	code := item.Code.Value
	r.lists[code] = Listing{Item: code}
	for _, d := range item.Detail {
		if d.If.Value != "" {
			holds, err := v.condition(d.If.Value)
			if err != nil {
				return err
			}
			if !holds {
				continue
			}
		}
		detail, err := v.detail(&d)
		r.lists[code] = Listing{code, detail}
		return err
	}
	return nil
}

func (v *view) detail(d *packfile.Detail) (string, error) {
	switch {
	case d.Value.Value != "":
		n, err := v.number(d.Value.Value)
		if err != nil {
			return "", err
		}
		return n.String(), nil
	case d.Fact.Value != "":
		return v.textOf(d.Fact.Value)
	}
	return d.Text.Value, nil
}

// textOf is the text of a fact; one that is not recorded is lacking.
func (v *view) textOf(name string) (string, error) {
	got, err := v.named(name)
	if err != nil {
		return "", err
	}
	switch got.kind {
	case text:
		return got.text, nil
	case absent:
		return "", &lack{name}
	}
	return "", fmt.Errorf("judge: fact %s is not a text", name)
}
