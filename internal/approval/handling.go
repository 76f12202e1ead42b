package approval

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/month"
)

// Handling is what somebody does to the account of a user.
type Handling string

// What is done to accounts, as it is stored.
const (
	Opened    Handling = "opened"
	Reset     Handling = "reset" // the password was set by somebody else
	Own       Handling = "own"   // the user has set a password
	Confirmed Handling = "confirmed"
	Closed    Handling = "closed"
	Reopened  Handling = "reopened"
)

var handlingWords = map[Handling]string{Opened: "设立账号", Reset: "重设口令", Own: "本人修改口令", Confirmed: "确认账号", Closed: "停用", Reopened: "启用"}

// Chinese is the handling in the tables that staff see.
func (h Handling) Chinese() string { return handlingWords[h] }

// UserEvent is one thing done to an account.
type UserEvent struct {
	Name   string // of the account
	Rev    int64
	At     time.Time
	What   Handling
	Actor  string // user of the program, or os:NAME
	Reason string
	Change bool // the user must set a password before anything else
	Waits  bool // the account is closed until somebody confirms
}

// ByOperator reports whether a person of the operating system did it, who holds the data.
func (e *UserEvent) ByOperator() bool { return journal.By{Actor: e.Actor}.Operator() }

// Unconfirmed is the sentence for papers that somebody signed under the account meanwhile.
func (e *UserEvent) Unconfirmed() string {
	where, what := "", strings.TrimSuffix(e.What.Chinese(), "账号")
	if e.ByOperator() {
		where = "在命令行"
	}
	subject := "账号"
	if e.What == Reset {
		subject, what = "口令", "重设"
	}
	return fmt.Sprintf("用户“%s”的%s由 %s 于 %s %s%s，未经第二人确认", e.Name, subject, e.Actor,
		e.At.In(month.Shanghai).Format("2006-01-02 15:04"), where, what)
}

// AccountStatus is what follows for an account from what was done to it.
type AccountStatus struct {
	Change  bool        // somebody else set the password: it must be changed before anything else
	Waits   bool        // closed until somebody confirms
	Pending []UserEvent // opened, reset or reopened by others, and not confirmed by a second person
	Last    int64       // revision of the last event: what a confirmation must have seen
}

// AccountStatusOf says how an account stands; events are its own, in order of their revisions.
func AccountStatusOf(events []UserEvent) AccountStatus {
	var s AccountStatus
	for _, e := range events {
		s.Last = e.Rev
		switch e.What {
		case Opened, Reset, Reopened:
			s.Change = s.Change || e.Change
			if e.Actor != e.Name { // the first administrator opens the own account
				s.Pending = append(s.Pending, e)
			}
		case Own:
			s.Change = false
		case Confirmed:
			s.Pending = nil
		}
	}
	s.Waits = slices.ContainsFunc(s.Pending, func(e UserEvent) bool { return e.Waits })
	return s
}

// State is how an account stands, in the lists that staff see.
func (u User) State(s AccountStatus) string {
	switch {
	case !u.Active:
		return "停用"
	case s.Change: // before anybody can confirm
		return "待本人改口令"
	case s.Waits:
		return "待确认"
	}
	return "在用"
}

// Confirmers are all accounts of a region, as far as who may confirm what was done to them.
type Confirmers struct {
	users    []User
	standing map[string]AccountStatus
}

// NewCircle takes a region's users and what was done to them, in order of revisions.
func NewCircle(users []User, events []UserEvent) *Confirmers {
	own := map[string][]UserEvent{}
	for _, e := range events {
		own[e.Name] = append(own[e.Name], e)
	}
	c := &Confirmers{users: users, standing: map[string]AccountStatus{}}
	for name, all := range own {
		c.standing[name] = AccountStatusOf(all)
	}
	return c
}

// Standing is how an account of the circle stands.
func (c *Confirmers) Standing(name string) AccountStatus { return c.standing[name] }

// behind adds to seen everybody who may hold the password of an account: its user, and as
// long as nobody has confirmed it, who opened it or set its password, and whoever is behind
// them. People of the operating system are left out: they could write past the program, and
// would make all accounts of a set-up one person's.
func (c *Confirmers) behind(name string, seen map[string]bool) {
	if seen[name] {
		return
	}
	seen[name] = true
	for _, e := range c.standing[name].Pending {
		if !e.ByOperator() {
			c.behind(e.Actor, seen)
		}
	}
}

// related reports whether one person may be behind both accounts.
func (c *Confirmers) related(a, b string) bool {
	of, others := map[string]bool{}, map[string]bool{}
	c.behind(a, of)
	c.behind(b, others)
	for name := range of {
		if others[name] {
			return true
		}
	}
	return false
}

// Confirmers are the users who may confirm what an actor does to the account of subject:
// in use, 管理 or 审计, neither of the two, and no account behind which the actor may be.
func (c *Confirmers) Confirmers(actor, subject string) []string {
	var all []string
	for _, u := range c.users {
		if u.Active && !u.Post.Signs() && u.Name != subject && !c.related(u.Name, actor) {
			all = append(all, u.Name)
		}
	}
	return all
}

// OnlyConfirmer reports whether name is the only one who can confirm what an actor does:
// then the actor may not take that account away.
func (c *Confirmers) OnlyConfirmer(actor, name string) bool {
	return slices.Equal(c.Confirmers(actor, ""), []string{name})
}

// CheckSecond refuses (fault.Denied) a second person behind whose account may be who asked:
// two accounts of one hand are no four eyes.
func (c *Confirmers) CheckSecond(asked, answers string) error {
	if !c.related(asked, answers) {
		return nil
	}
	return fault.New(fault.Denied, "用户“%s”与“%s”的账号有关（由同一个人或其中一方设立、重设或启用，还没有经过第二人确认），可能是同一个人，不能互相确认；请先由独立的管理或审计在“用户”页确认账号，或由别人办理",
		answers, asked)
}

// CheckConfirm says whether a user may confirm what was done to an account. The password
// must be its user's own by then: one who knows it could otherwise take the account over
// after the confirmation. It fails with fault.Denied or, where nothing waits or the own
// password is not set yet, fault.Refused.
func (c *Confirmers) CheckConfirm(u User, name string) error {
	waiting := c.standing[name].Pending
	switch {
	case !u.Active:
		return fault.New(fault.Denied, "用户“%s”已停用，不能确认账号", u.Name)
	case u.Post.Signs():
		return fault.New(fault.Denied, "用户“%s”的岗位是%s，账号由管理或审计岗位确认", u.Name, u.Post)
	case len(waiting) == 0:
		return fault.New(fault.Refused, "用户“%s”没有等待确认的变动，不必确认", name)
	case u.Name == name:
		return fault.New(fault.Denied, "不能确认自己的账号，请由另一位管理或审计确认")
	}
	for _, e := range waiting {
		if e.Actor == u.Name {
			return fault.New(fault.Denied, "用户“%s”的账号是您%s的，请由另一位管理或审计确认", name, strings.TrimSuffix(e.What.Chinese(), "账号"))
		}
		if c.related(u.Name, e.Actor) {
			return fault.New(fault.Denied, "您的账号与办理人“%s”有关（一方的账号或口令由另一方设立，还没有经过第二人确认），不能确认；请由别的管理或审计确认", e.Actor)
		}
	}
	if c.standing[name].Change {
		return fault.New(fault.Refused, "用户“%s”还没有换成自己的口令，现在的口令不止本人知道，不能确认；请等本人登录改了口令，再向本人核实、确认", name)
	}
	return nil
}

// CheckHandling says whether a user may open accounts and set other people's passwords.
// Errors: fault.Denied.
func CheckHandling(u User) error {
	if !u.Active || u.Post != Manager {
		return fault.New(fault.Denied, "用户“%s”的岗位是%s，用户由管理岗位办理", u.Name, u.Post)
	}
	return nil
}
