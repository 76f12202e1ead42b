package payrun

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

// Decidable reports whether somebody may decide about the finding: release or hold.
func (f *Finding) Decidable() bool { return f.Level == Doubt || kindNamed(f.Kind).decidable }
