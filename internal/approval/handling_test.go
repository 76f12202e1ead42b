package approval

import (
	"slices"
	"testing"

	"disburse/internal/fault"
)

// office are two administrators and an auditor, who came by the command line, and clerks.
var office = []User{{"甲管理", Manager, "", true}, {"乙管理", Manager, "", true}, {"丙审计", Auditor, "", true}, {"丁经办", Clerk, "区民政局", true},
	{"戊审批", Approver, "区民政局", true}, {"己审计", Auditor, "", false}, {"庚管理", Manager, "", true}}

func opened(name, actor string) UserEvent { return UserEvent{Name: name, Actor: actor, What: Opened} }
func reset(name, actor string) UserEvent  { return UserEvent{Name: name, Actor: actor, What: Reset} }

func TestWhoMayConfirm(t *testing.T) {
	t.Parallel()
	setUp := []UserEvent{opened("甲管理", "甲管理"), opened("乙管理", "os:root"), opened("丙审计", "os:root"), opened("庚管理", "os:root")}
	for name, c := range map[string]struct {
		events  []UserEvent
		subject string
		may     []string
	}{
		"a reset by one administrator":           {[]UserEvent{reset("戊审批", "甲管理")}, "戊审批", []string{"乙管理", "丙审计", "庚管理"}},
		"nothing was done":                       {nil, "戊审批", nil},
		"confirmed already":                      {[]UserEvent{reset("戊审批", "甲管理"), {Name: "戊审批", Actor: "丙审计", What: Confirmed}}, "戊审批", nil},
		"opened at the command line":             {[]UserEvent{opened("戊审批", "os:root")}, "戊审批", []string{"甲管理", "乙管理", "丙审计", "庚管理"}},
		"whom the administrator has made":        {[]UserEvent{reset("乙管理", "甲管理"), reset("戊审批", "甲管理")}, "戊审批", []string{"丙审计", "庚管理"}},
		"who has made the administrator":         {[]UserEvent{reset("甲管理", "乙管理"), reset("戊审批", "甲管理")}, "戊审批", []string{"丙审计", "庚管理"}},
		"a third of the same hand":               {[]UserEvent{reset("乙管理", "甲管理"), reset("庚管理", "乙管理"), reset("戊审批", "庚管理")}, "戊审批", []string{"丙审计"}},
		"made by the same, and confirmed":        {[]UserEvent{reset("乙管理", "甲管理"), {Name: "乙管理", Actor: "丙审计", What: Confirmed}, reset("戊审批", "甲管理")}, "戊审批", []string{"乙管理", "丙审计", "庚管理"}},
		"reset twice, by two":                    {[]UserEvent{reset("戊审批", "甲管理"), reset("戊审批", "乙管理")}, "戊审批", []string{"丙审计", "庚管理"}},
		"the password was changed by its user":   {[]UserEvent{reset("戊审批", "甲管理"), {Name: "戊审批", Actor: "戊审批", What: Own}}, "戊审批", []string{"乙管理", "丙审计", "庚管理"}},
		"nobody confirms the own account":        {[]UserEvent{reset("丙审计", "甲管理")}, "丙审计", []string{"乙管理", "庚管理"}},
		"an operator's reset hides nobody's":     {[]UserEvent{reset("乙管理", "甲管理"), reset("乙管理", "os:root"), reset("戊审批", "甲管理")}, "戊审批", []string{"丙审计", "庚管理"}},
		"administrators who have reset another":  {[]UserEvent{reset("甲管理", "乙管理"), reset("乙管理", "甲管理"), reset("戊审批", "甲管理")}, "戊审批", []string{"丙审计", "庚管理"}},
		"one that was closed, opened again":      {[]UserEvent{{Name: "戊审批", Actor: "甲管理", What: Closed}, {Name: "戊审批", Actor: "甲管理", What: Reopened}}, "戊审批", []string{"乙管理", "丙审计", "庚管理"}},
		"the password is not yet the user's own": {[]UserEvent{{Name: "戊审批", Actor: "甲管理", What: Reset, Change: true}}, "戊审批", nil},
		"the password is the user's own":         {[]UserEvent{{Name: "戊审批", Actor: "甲管理", What: Reset, Change: true}, {Name: "戊审批", Actor: "戊审批", What: Own}}, "戊审批", []string{"乙管理", "丙审计", "庚管理"}},
		"the first administrator opens the rest": {[]UserEvent{opened("丁经办", "甲管理")}, "丁经办", []string{"乙管理", "丙审计", "庚管理"}},
	} {
		circle := NewCircle(office, slices.Concat(setUp, c.events))
		var may []string
		for _, u := range office {
			err := circle.CheckConfirm(u, c.subject)
			if err == nil && u.Active {
				may = append(may, u.Name)
			}
			if err != nil && !fault.Is(err, fault.Denied) && !fault.Is(err, fault.Refused) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if !slices.Equal(may, c.may) {
			t.Errorf("%s: %v may confirm, want %v", name, may, c.may)
		}
	}
}

func TestTheOnlyOneWhoConfirms(t *testing.T) {
	t.Parallel()
	two := []User{office[0], office[2], office[4]}
	circle := NewCircle(two, []UserEvent{opened("甲管理", "甲管理"), opened("丙审计", "os:root")})
	if got := circle.Confirmers("甲管理", "戊审批"); !slices.Equal(got, []string{"丙审计"}) || !circle.OnlyConfirmer("甲管理", "丙审计") || circle.OnlyConfirmer("甲管理", "戊审批") {
		t.Errorf("confirmers %v", got)
	}
	circle = NewCircle(two, []UserEvent{opened("甲管理", "甲管理"), opened("丙审计", "甲管理")})
	if got := circle.Confirmers("甲管理", "戊审批"); got != nil {
		t.Errorf("an auditor whom the administrator made confirms: %v", got)
	}
}

// TestTwoAccountsOfOneHand: nobody is the second person of who may be the same.
func TestTwoAccountsOfOneHand(t *testing.T) {
	t.Parallel()
	circle := NewCircle(office, []UserEvent{opened("甲管理", "os:root"), opened("丁经办", "甲管理"), opened("戊审批", "甲管理"), opened("乙管理", "os:root")})
	for _, c := range []struct {
		asked, answers string
		denied         bool
	}{
		{"丁经办", "戊审批", true}, {"甲管理", "戊审批", true}, {"丁经办", "乙管理", false}, {"os:root", "戊审批", false}, {"甲管理", "乙管理", false},
	} {
		if err := circle.CheckSecond(c.asked, c.answers); fault.Is(err, fault.Denied) != c.denied {
			t.Errorf("%s asks, %s answers: %v", c.asked, c.answers, err)
		}
	}
}

func TestStanding(t *testing.T) {
	t.Parallel()
	s := AccountStatusOf([]UserEvent{{Name: "甲", Actor: "乙", What: Reset, Change: true, Waits: true}})
	if !s.Change || !s.Waits || len(s.Pending) != 1 {
		t.Errorf("after a reset: %+v", s)
	}
	s = AccountStatusOf([]UserEvent{{Name: "甲", Actor: "乙", What: Reset, Change: true, Waits: true}, {Name: "甲", Actor: "os:root", What: Reset, Change: true}, {Name: "甲", Actor: "甲", What: Own}})
	if s.Change || !s.Waits || len(s.Pending) != 2 {
		t.Errorf("an operator's reset makes nobody confirm: %+v", s)
	}
	s = AccountStatusOf([]UserEvent{{Name: "甲", Actor: "乙", What: Reset, Change: true, Waits: true}, {Name: "甲", Actor: "丙", What: Confirmed}})
	if !s.Change || s.Waits || s.Pending != nil {
		t.Errorf("after the confirmation: %+v", s)
	}
}
