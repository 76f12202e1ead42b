package payrun

import "slices"

// The kinds of findings (检查结果). A kind is stored with the finding and is a part of its id
// (docs/interface.md), so programs tell findings by it and staff read it. Every kind has one
// entry in kinds and one row in docs/manual/06-看懂结果.md §6.2, which a test compares. A match
// list of the pack gives kinds of its own: HitKind.
const (
	MissingRate    = "标准缺失" // a rate has no value in a month
	WrongID        = "证号错误" // an ID number that cannot be one (GB 11643)
	DuplicateID    = "证号重复" // two records with one ID number
	Unwritable     = "银行文件" // a name that the bank file's encoding cannot hold
	SharedAccount  = "账户共用"
	OtherHolder    = "户名不符" // the holder is somebody else, without a reason for a deputy
	Conflict       = "身份冲突" // two facts that exclude each other; the judge calls it by the pack's name of the conflict
	GreatAge       = "高龄核实"
	Namesakes      = "疑似重复"   // two records of this roster that may be one person
	PaidElsewhere  = "跨区重复"   // another region of the same database pays; the judge calls it by the item
	OverdueProof   = "认证逾期"   // 生存认证 is beyond its grace
	Unsettled      = "待核定"    // a rate or formula that the district has not settled
	AccountChanged = "账户变更"   // the account is not that of the last payment
	Incomplete     = "资料不全"   // a fact lacks that the amount needs
	TotalChanged   = "总额变动"   // a total differs much from last month's
	AmountChanged  = "金额变动"   // a person's amount differs much from last month's
	NotAdopted     = "规则包未采用" // the run used another pack than the adopted one
	ZeroRate       = "标准为零"   // people are entitled to 0 元
	AwardUnpaid    = "核定未发"   // an award (核定金额) whose conditions fail
	FactEnds       = "即将到期"   // a fact ends soon
	CardNumber     = "卡号校验"   // a card number with a wrong check digit
	NoBank         = "缺开户银行"  // an account without its bank
	ProofDue       = "认证到期"   // 生存认证 is due, within its grace
	RefusedAccount = "账户无效"   // a bank refused the account
	Unregistered   = "应享未享"   // entitled by a list, and not on the roster
	NoTelephone    = "缺少电话"
	ArrearsLapsed  = "超限补发" // arrears beyond the pack's limit, not paid
)

// kind is an entry of the catalogue of findings.
type kind struct {
	name  string
	level Level
	judge string // what internal/judge calls it; empty: not at all, or with a name from the pack
	// decidable: somebody decides about it although its level does not ask. A refused account
	// is held by the rule, but it can come back to life (挂失 or 冻结 has ended).
	decidable bool
}

// kinds is the catalogue of findings, in the order of the manual.
var kinds = []kind{
	{name: MissingRate, level: Blocking},
	{name: WrongID, level: Blocking},
	{name: DuplicateID, level: Blocking},
	{name: Unwritable, level: Blocking},
	{name: SharedAccount, level: Doubt, judge: "账户共用"},
	{name: OtherHolder, level: Doubt, judge: "户名不符"},
	{name: Conflict, level: Doubt},
	{name: GreatAge, level: Doubt, judge: "年龄异常"},
	{name: Namesakes, level: Doubt, judge: "疑似重复"},
	{name: PaidElsewhere, level: Doubt},
	{name: OverdueProof, level: Doubt, judge: "认证逾期"},
	{name: Unsettled, level: Acknowledge},
	{name: AccountChanged, level: Acknowledge},
	{name: Incomplete, level: Acknowledge},
	{name: TotalChanged, level: Acknowledge},
	{name: AmountChanged, level: Acknowledge},
	{name: NotAdopted, level: Acknowledge},
	{name: ZeroRate, level: Information},
	{name: AwardUnpaid, level: Information},
	{name: FactEnds, level: Information},
	{name: CardNumber, level: Information},
	{name: NoBank, level: Information},
	{name: ProofDue, level: Information},
	{name: RefusedAccount, level: Information, decidable: true},
	{name: Unregistered, level: Information},
	{name: NoTelephone, level: Information},
	{name: ArrearsLapsed, level: Information},
}

// kindNamed returns the catalogue's entry; the zero one for a match list's kind.
func kindNamed(name string) kind {
	if i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name }); i >= 0 {
		return kinds[i]
	}
	return kind{}
}

// LevelOf returns the level of a kind; 0 for that of a match list, whose pack says it.
func LevelOf(name string) Level { return kindNamed(name).level }

// JudgeName returns what the judge calls a kind of 疑点; empty where it depends on the pack.
func JudgeName(name string) string { return kindNamed(name).judge }
