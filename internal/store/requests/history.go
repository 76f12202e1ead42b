package requests

import (
	"encoding/json"
	"fmt"

	"disburse/internal/money"
	"disburse/internal/month"
	"disburse/internal/roster"
)

// factRecord, awardRecord and deputyRecord are the JSON in request_subject for what is not an
// account: readable without the program, for auditors of the table.
type factRecord struct {
	Value string `json:"value"`
	Since string `json:"since"`
	Until string `json:"until,omitempty"`
	Basis string `json:"basis,omitempty"`
}

type deputyRecord struct {
	Name     string `json:"name"`
	Relation string `json:"relation"`
	Reason   string `json:"reason"`
}

type awardRecord struct {
	Amount string `json:"amount"` // 元
	First  string `json:"first"`
	Last   string `json:"last,omitempty"`
	Payee  string `json:"payee,omitempty"`
	Basis  string `json:"basis,omitempty"`
}

// EncodeDeputy returns the JSON of a deputy (代领人).
func EncodeDeputy(d roster.Deputy) (string, error) {
	return encodeHistory(deputyRecord(d))
}

func decodeDeputy(text string) (roster.Deputy, error) {
	var d deputyRecord
	if text == "" {
		return roster.Deputy{}, nil
	}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return roster.Deputy{}, fmt.Errorf("decode 代领人: %w", err)
	}
	return roster.Deputy(d), nil
}

// EncodeFacts returns the JSON of a fact's history, without its name.
func EncodeFacts(facts []roster.Fact) (string, error) {
	all := make([]factRecord, len(facts))
	for i, f := range facts {
		all[i] = factRecord{Value: f.Value, Since: f.Since.String(), Until: f.Until.String(), Basis: f.Basis}
	}
	return encodeHistory(all)
}

// EncodeAwards returns the JSON of an item's awards (核定金额), without its code.
func EncodeAwards(awards []roster.Award) (string, error) {
	all := make([]awardRecord, len(awards))
	for i, a := range awards {
		all[i] = awardRecord{Amount: a.Amount.String(), First: a.First.String(), Last: a.Last.String(), Payee: a.Payee, Basis: a.Basis}
	}
	return encodeHistory(all)
}

func encodeHistory(all any) (string, error) {
	body, err := json.Marshal(all)
	if err != nil {
		return "", fmt.Errorf("encode history: %w", err)
	}
	return string(body), nil
}

func decodeFacts(name, text string) ([]roster.Fact, error) {
	var all []factRecord
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf("decode history of %s: %w", name, err)
	}
	var facts []roster.Fact
	for _, r := range all {
		f := roster.Fact{Name: name, Value: r.Value, Basis: r.Basis}
		var err error
		if f.Since, err = dateOrNone(r.Since); err != nil {
			return nil, err
		}
		if f.Until, err = dateOrNone(r.Until); err != nil {
			return nil, err
		}
		facts = append(facts, f)
	}
	return facts, nil
}

func decodeAwards(item, text string) ([]roster.Award, error) {
	var all []awardRecord
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf("decode history of %s: %w", item, err)
	}
	var awards []roster.Award
	for _, r := range all {
		a := roster.Award{Item: item, Payee: r.Payee, Basis: r.Basis}
		var err error
		if a.Amount, err = money.Parse(r.Amount); err != nil {
			return nil, fmt.Errorf("decode history of %s: %w", item, err)
		}
		if a.First, err = month.Parse(r.First); err != nil {
			return nil, fmt.Errorf("decode history of %s: %w", item, err)
		}
		if r.Last != "" {
			if a.Last, err = month.Parse(r.Last); err != nil {
				return nil, fmt.Errorf("decode history of %s: %w", item, err)
			}
		}
		awards = append(awards, a)
	}
	return awards, nil
}

func dateOrNone(text string) (month.Date, error) {
	if text == "" {
		return 0, nil
	}
	d, err := month.ParseDate(text)
	if err != nil {
		return 0, fmt.Errorf("decode date: %w", err)
	}
	return d, nil
}
