package roster

import (
	"disburse/internal/money"
	"disburse/internal/month"
)

// Myself is how the person's own payments name the payee.
const Myself = "本人"

// Person is what the program itself needs to know of somebody. One row a
// revision: a later one restates it whole.
type Person struct {
	Number    int64  // surrogate within the region; the ID number is knowledge that can change
	Rev       int64  // the revision at which this became known; 0 before it is stored
	ID        string // 身份证号, 18 characters, or a temporary number 临-…
	Name      string
	Street    string // 街道
	Community string // 社区
	Address   string
	Phone     string
	Birth     month.Date // from the ID number; given only with a temporary number
	MovedIn   month.Date // 迁入日期
	MovedOut  month.Date // 迁出日期
	Died      month.Date // 死亡日期
	Account   Account
	Deputy    Deputy
}

// Account is where money goes.
type Account struct {
	Bank   string // 开户银行
	Number string // 银行账号, digits as text; empty: no account
	Holder string // 账户户名; empty: the person (or the institution) itself
}

// Deputy is who receives a person's money in their place (代领人).
type Deputy struct {
	Name     string // 代领人
	Relation string // 代领关系
	Reason   string // 代领原因
}

// Fact is one dated record of one fact of a person (情况). Since and Until are
// both inclusive; Until 0 is open. A fact of kind choices may hold several values
// joined by 、.
type Fact struct {
	Name  string
	Rev   int64
	Since month.Date
	Until month.Date
	Value string // of a flag: 是; of an amount: 元 with two decimals
	Basis string // 依据
}

// Award is an individually determined amount (核定金额) for months First … Last;
// Last 0 is open. Amount is in 分, above 0.
type Award struct {
	Item   string
	Rev    int64
	Amount money.Fen
	First  month.Month
	Last   month.Month
	Payee  string // 收款单位; empty: none named
	Basis  string
}

// Payee is an institution or bureau that is paid instead of a person (收款单位).
type Payee struct {
	Name    string
	Rev     int64
	Account Account
}

// Dossier is one person with everything known at some revision: facts ordered by
// name and start, awards by item and first month.
type Dossier struct {
	Person
	Facts  []Fact
	Awards []Award
}

// InDistrict reports whether the person is alive and registered (户籍) at 00:00 on
// the first day of m (docs/rules.md §1.2).
func (p *Person) InDistrict(m month.Month) bool {
	return p.Alive(m) && p.Registered(m)
}

// Alive reports whether the person is alive at 00:00 on the first day of m.
func (p *Person) Alive(m month.Month) bool { return p.Died == 0 || p.Died >= m.First() }

// Registered reports whether the person is registered in the district on the first
// day of m. Leaving before coming (or on the same day) means left and came back.
func (p *Person) Registered(m month.Month) bool {
	first := m.First()
	stays := p.MovedOut == 0 || p.MovedOut >= first
	came := p.MovedIn == 0 || p.MovedIn < first
	if p.MovedIn != 0 && p.MovedOut != 0 && p.MovedOut <= p.MovedIn {
		return stays || came
	}
	return stays && came
}

// HolderName returns the name on the account: the person's own where none is recorded.
func (p *Person) HolderName() string {
	if p.Account.Holder != "" {
		return p.Account.Holder
	}
	return p.Name
}
