package payrun

// OverdueProof is the kind of the 疑点 on somebody whose 生存认证 is overdue.
const OverdueProof = "认证逾期"

// The kinds of 疑点 that a person's own record gives. A kind is stored with the finding and
// is a part of its id: programs tell findings by it, staff read it.
const (
	ConflictKind = "身份冲突" // two facts that exclude each other
	SharedKind   = "账户共用"
	HolderKind   = "户名不符"
	GreatAgeKind = "高龄核实"
)

// The kinds of 疑点 that somebody may be paid twice.
const (
	AlikeKind     = "疑似重复" // two records of this roster
	ElsewhereKind = "跨区重复" // another region of the same database
)

// Level says what a finding asks for (docs/rules.md §6).
type Level int8

// The levels.
const (
	Blocking    Level = 1 // 阻断: submit is refused
	Doubt       Level = 2 // 疑点: the person's lines are held until somebody decides
	Acknowledge Level = 3 // 须确认 before the batch is submitted
	Information Level = 4 // 提示
)

// Chinese returns the level as staff read it.
func (l Level) Chinese() string { return [...]string{"", "阻断", "疑点", "须确认", "提示"}[l] }

// Finding is something a run found.
type Finding struct {
	ID       string // stable: the same evidence gives the same id
	Level    Level
	Kind     string
	Person   int64 // 0: not about one person
	Item     string
	Sentence string
}

// HitKind is the kind of the findings that a list of the name gives: 死亡名单命中.
func HitKind(list string) string { return list + "名单命中" }

// RefusedAccount is the kind of the finding about an account that a bank refused. It is
// for information: the hold is the rule's. But an account can come back to life (挂失 or
// 冻结 has ended), so somebody may decide to try it again.
const RefusedAccount = "账户无效"

// Decidable reports whether somebody may decide about the finding: release or hold.
func (f *Finding) Decidable() bool { return f.Level == Doubt || f.Kind == RefusedAccount }
