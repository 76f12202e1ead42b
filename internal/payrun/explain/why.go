package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"disburse/internal/month"
	"disburse/internal/policy"
	"disburse/internal/policy/diff"
	"disburse/internal/roster"
)

// why says in plain Chinese what made the difference between two months of one item,
// by comparing what the rules found in each. Nothing in it knows an item: a pack's own
// conditions, facts and rates give the words.
type why struct {
	book    *Book
	now     *roster.Dossier // as this month's batch knows the person
	then    *roster.Dossier // as the other batch did
	was, is *policy.Standing

	last, month month.Month // that was and is are about

	// ruled says that what the packs say otherwise is told beside: told, of which no rate
	// and no derived name is named again, and conditions that are new are not.
	ruled bool
	told  []diff.Difference

	citizen    bool // no condition of the pack is named: only staff read those
	conditions bool // some condition is new
}

// forBoth says something to staff, and to the person whose money it is.
func (w *why) forBoth(say func() string) (staff, citizen string) {
	w.citizen, w.conditions = false, false
	if staff = say(); !w.conditions {
		return staff, staff
	}
	w.citizen = true
	return staff, say()
}

// came says why an item begins. unknown: nobody had recorded the person last month.
func (w *why) came(unknown bool) string {
	granted := w.was.Verdict == policy.Granted
	switch {
	case unknown && granted:
		return "本月登记入册"
	case granted:
		return "上月不在第1批中，本月列入"
	case w.was.LosesTo != "":
		return "上月就高发放 " + w.title(w.was.LosesTo) + "，本月改发本项"
	case !w.was.InForce:
		return "本项目自本月起执行"
	case !w.was.Present && w.now.MovedIn >= w.last.First():
		return w.now.MovedIn.String() + " 迁入"
	}
	parts := w.tests()
	parts = append(parts, w.award()...)
	if len(parts) == 0 {
		parts = append(parts, w.sums()...)
	}
	if len(parts) == 0 && w.was.Once {
		parts = append(parts, "新的年度，一年一次")
	}
	if len(w.is.Beats) > 0 {
		parts = append([]string{"就高代替 " + w.titles(w.is.Beats)}, parts...)
	}
	return orElse(parts, "本月起符合条件")
}

// left says why an item ends.
func (w *why) left() string {
	switch {
	case w.is.LosesTo != "":
		return "就高改发 " + w.title(w.is.LosesTo)
	case !w.is.InForce:
		return "本项目已停止执行"
	case !w.is.Present:
		if text := absent(w.now, w.month); text != "" {
			return text
		}
	}
	parts := append(w.tests(), w.award()...)
	switch {
	case w.is.Verdict == policy.Incomplete:
		parts = append(parts, w.is.Remarks[0])
	case w.is.Once:
		parts = append(parts, "一年一次，本年度已经发放")
	case w.is.Verdict == policy.Granted:
		parts = append(parts, "本月金额不在第1批中")
	case len(parts) == 0:
		parts = w.sums()
	}
	return orElse(parts, "不再符合本项条件")
}

// once reports whether what ended was never to go on: a 核定金额 of one month, or an item of
// once a year. Nobody who gets it should read that an entitlement was stopped.
func (w *why) once() bool {
	if a := w.was.Award; a != nil && w.is.Award == nil {
		return a.First == a.Last || w.firstOnly()
	}
	return w.is.Once
}

// late says what has become known of a month since it was last looked at.
func (w *why) late() []string {
	if w.is.LosesTo != "" && w.was.LosesTo == "" {
		return []string{"就高改发 " + w.title(w.is.LosesTo)}
	}
	parts := append(w.tests(), w.award()...)
	if w.is.Verdict == policy.Granted && w.was.Verdict != policy.NotGranted {
		parts = append(parts, w.sums()...)
	}
	return slices.Compact(parts)
}

// other says why an item is another amount.
func (w *why) other(r *BridgeRow) string {
	parts := w.award()
	if len(parts) == 0 {
		parts = w.sums()
	}
	if len(parts) == 0 {
		parts = w.tests()
	}
	return orElse(parts, fmt.Sprintf("由 %s 元变为 %s 元", r.Last, r.This))
}

func orElse(parts []string, general string) string {
	if len(parts) == 0 {
		return general
	}
	slices.Reverse(parts) // the last condition of a rule is the particular one, age the first
	return strings.Join(parts, "；")
}

func (w *why) title(code string) string {
	if it, err := w.book.pack.Item(code); err == nil {
		return code + " " + it.Name.Value
	}
	return code
}

func (w *why) titles(codes []string) string {
	var names []string
	for _, code := range codes {
		names = append(names, w.title(code))
	}
	return strings.Join(names, "、")
}

// tests says what changed behind the conditions that came out another way.
func (w *why) tests() []string {
	var parts []string
	for i := range w.is.Tests {
		t := &w.is.Tests[i]
		at := slices.IndexFunc(w.was.Tests, func(o policy.Test) bool { return o.Text == t.Text && o.Exclude == t.Exclude })
		if at < 0 {
			if t.Holds != t.Exclude || w.ruled {
				continue
			}
			parts, w.conditions = w.newCondition(parts, t), true
			continue
		}
		if o := &w.was.Tests[at]; o.Holds != t.Holds {
			parts = w.inputs(parts, o.Inputs, t.Inputs)
		}
	}
	return parts
}

// newCondition adds that a condition of the pack is new: to citizens once, whatever it is.
func (w *why) newCondition(parts []string, t *policy.Test) []string {
	const unnamed = "本项目的条件自本月起改变"
	switch {
	case !w.citizen:
		return append(parts, "规则自本月起改变："+t.Plain)
	case slices.Contains(parts, unnamed):
		return parts
	}
	return append(parts, unnamed)
}

// sums says what changed behind the amount.
func (w *why) sums() []string {
	if w.is.Sum == nil || w.was.Sum == nil {
		return nil
	}
	return w.inputs(nil, w.was.Sum.Inputs, w.is.Sum.Inputs)
}

// inputs adds what differs between the inputs of two months to parts, each once.
func (w *why) inputs(parts []string, was, is []policy.Input) []string {
	for i := range is {
		in := &is[i]
		at := slices.IndexFunc(was, func(o policy.Input) bool { return o.Name == in.Name })
		if at < 0 || was[at].Value == in.Value {
			continue
		}
		if text := w.input(&was[at], in); text != "" && !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	return parts
}

// input says how one input changed; empty for one that rests on others.
func (w *why) input(was, is *policy.Input) string {
	reads := w.book.pack.Reads(is)
	told := slices.ContainsFunc(w.told, func(d diff.Difference) bool { return d.Subject == is.Name })
	if told && (reads == policy.ReadsRate || reads == policy.ReadsOther) {
		return ""
	}
	switch reads {
	case policy.ReadsAge:
		if w.then.Birth != w.now.Birth {
			return "更正出生日期后为 " + is.Value + " 周岁"
		}
		if m := w.month; month.Age(w.now.Birth, m) != month.Age(w.now.Birth, m-1) {
			return "本月满 " + is.Value + " 周岁"
		}
		return "满 " + is.Value + " 周岁"
	case policy.ReadsFact:
		return w.fact(was, is)
	case policy.ReadsRate:
		unit := w.book.pack.UnitOf(is.Name)
		return fmt.Sprintf("%s由 %s%s变为 %s%s", is.Name, was.Value, unit, is.Value, unit)
	case policy.ReadsItem:
		return fmt.Sprintf("%s由 %s 元变为 %s 元", is.Name, was.Value, is.Value)
	case policy.ReadsOther:
		return fmt.Sprintf("%s由 %s 变为 %s", is.Name, was.Value, is.Value)
	}
	return ""
}

// fact says how a fact began, ended or took another value.
func (w *why) fact(was, is *policy.Input) string {
	switch {
	case is.Since == "":
		return w.ended(was)
	case was.Since == "":
		text := is.Name + w.book.pack.ValueSaid(is.Name, is.Value) + "自 " + is.Since + " 起"
		if since, err := month.ParseDate(is.Since); err == nil && since <= w.last.First() {
			text += "（补登记）"
		}
		return text
	}
	return fmt.Sprintf("%s由%s变为%s（%s 起）", is.Name, was.Value, is.Value, is.Since)
}

// ended says until when a fact held that no longer does. One without such a day was
// taken back.
func (w *why) ended(was *policy.Input) string {
	var until month.Date
	for _, f := range w.now.Facts {
		if f.Name == was.Name && f.Until != 0 && f.Until < w.month.Last() {
			until = max(until, f.Until)
		}
	}
	if until == 0 {
		return was.Name + w.book.pack.ValueSaid(was.Name, was.Value) + "的登记已撤销"
	}
	return was.Name + w.book.pack.ValueSaid(was.Name, was.Value) + "到 " + until.String() + " 止"
}

// award says how the 核定金额 changed.
func (w *why) award() []string {
	was, is := w.was.Award, w.is.Award
	switch {
	case was == nil && is == nil:
		return nil
	case was == nil && is.First == is.Last:
		return []string{"一次性核定金额" + basis(is)}
	case was == nil:
		return []string{"核定金额自 " + is.First.String() + " 起" + basis(is)}
	case is == nil && (was.First == was.Last || w.firstOnly()):
		return []string{"一次性核定金额，上月已发"}
	case is == nil:
		return []string{"核定金额到 " + cmp.Or(w.lastAward(), w.last).String() + " 止"}
	case was.Amount != is.Amount:
		return []string{fmt.Sprintf("核定金额由 %s 元变为 %s 元%s", was.Amount, is.Amount, basis(is))}
	}
	return nil
}

// firstOnly reports whether a 核定金额 of the item is paid in its first month alone.
func (w *why) firstOnly() bool {
	it, err := w.book.pack.Item(w.is.Code)
	return err == nil && it.Pay.FirstOnly.Value
}

// lastAward is the last month of the item's 核定金额 that has ended, by what is known now.
func (w *why) lastAward() month.Month {
	last := month.Month(0)
	for _, a := range w.now.Awards {
		if a.Item == w.is.Code && a.Last != 0 && a.Last < w.month {
			last = max(last, a.Last)
		}
	}
	return last
}

func basis(a *roster.Award) string {
	if a.Basis == "" {
		return ""
	}
	return "（" + a.Basis + "）"
}
