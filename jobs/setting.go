package jobs

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"disburse/internal/fault"
	"disburse/internal/store/calendar"
)

var weekdays = []string{"", "周一", "周二", "周三", "周四", "周五", "周六", "周日"}

// Check refuses a setting that cannot be (fault.Invalid), in one sentence.
func Check(s calendar.JobSetting) error {
	k, err := kindOf(s.Job)
	if err != nil {
		return err
	}
	days := map[calendar.Period][2]int16{calendar.Daily: {0, 0}, calendar.Weekly: {1, 7}, calendar.Monthly: {1, 28}}
	within, known := days[s.Every]
	switch {
	case !known:
		return fault.New(fault.Invalid, "“%s”不是周期，请写每日、每周或每月", s.Every)
	case s.Day < within[0] || s.Day > within[1]:
		return fault.New(fault.Invalid, "%s任务的日子应在 %d 到 %d 之间，不能是 %d", s.Every, within[0], within[1], s.Day)
	case s.Hour < 0 || s.Hour > 23 || s.Minute < 0 || s.Minute > 59:
		return fault.New(fault.Invalid, "时刻应在 00:00 到 23:59 之间，不能是 %02d:%02d", s.Hour, s.Minute)
	case !slices.Contains([]calendar.Shift{calendar.NoShift, calendar.ShiftBefore, calendar.ShiftAfter}, s.Shift):
		return fault.New(fault.Invalid, "“%s”不是遇节假日的办法，请写不移、提前或顺延", s.Shift)
	case len(s.Lead) > 0 && s.Every != calendar.Monthly:
		return fault.New(fault.Invalid, "只有每月的任务可以写提前几个工作日")
	case len(s.Lead) > 10 || slices.ContainsFunc(s.Lead, func(n int16) bool { return n < 1 || n > 20 }):
		return fault.New(fault.Invalid, "提前的工作日应在 1 到 20 之间，最多写 10 个")
	}
	return checkParameters(k, s.Parameters)
}

func checkParameters(k kind, parameters map[string]string) error {
	for name, value := range parameters {
		if _, ok := k.defaults.Parameters[name]; !ok {
			return fault.New(fault.Invalid, "“%s”没有“%s”这个参数", k.name, name)
		}
		switch name {
		case Days, Keep:
			if _, err := number(name, value, 1, 1000); err != nil {
				return err
			}
		case Ages:
			if _, err := ages(value); err != nil {
				return err
			}
		}
	}
	return nil
}

// number reads a whole number of a parameter.
func number(name, value string, least, most int) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(value))
	if err != nil || n < least || n > most {
		return 0, fault.New(fault.Invalid, "参数“%s”应为 %d 到 %d 的整数，不能是“%s”", name, least, most, value)
	}
	return n, nil
}

func ages(value string) ([]int, error) {
	var all []int
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ',' || r == '，' || r == '、' }) {
		n, err := number(Ages, part, 1, 150)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	if len(all) == 0 {
		return nil, fault.New(fault.Invalid, "参数“%s”是空的，请写如 80,100", Ages)
	}
	return all, nil
}

// Describe says in words when a job is due.
func Describe(s calendar.JobSetting) string {
	var b strings.Builder
	switch s.Every {
	case calendar.Weekly:
		b.WriteString("每" + weekdays[s.Day])
	case calendar.Monthly:
		fmt.Fprintf(&b, "每月 %d 日", s.Day)
	default:
		b.WriteString(string(calendar.Daily))
	}
	if len(s.Lead) > 0 {
		var days []string
		for _, n := range s.Lead {
			days = append(days, strconv.Itoa(int(n)))
		}
		fmt.Fprintf(&b, "前 %s 个工作日", strings.Join(days, "、"))
	}
	fmt.Fprintf(&b, " %02d:%02d", s.Hour, s.Minute)
	if s.Shift != calendar.NoShift {
		b.WriteString("，遇休息日" + string(s.Shift))
	}
	if !s.Enabled {
		b.WriteString("（停用）")
	}
	return b.String()
}

// describeAll adds the parameters, for the journal.
func describeAll(s calendar.JobSetting) string {
	words := []string{Describe(s)}
	for _, name := range []string{Ages, Days, Folder, Keep, Password} {
		if value, ok := s.Parameters[name]; ok {
			words = append(words, name+"="+value)
		}
	}
	return strings.Join(words, "，")
}
