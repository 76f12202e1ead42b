package console

import (
	"fmt"
	"time"

	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/jobs"
)

// setHoliday marks days as off (休) or as working days that make up for one (班).
func (v *visit) setHoliday() error {
	form := holidayForm{From: v.form("from"), To: v.form("to"), Off: v.form("off"), Name: v.form("name"), Reason: v.form("reason")}
	n, err := v.addHoliday(&form)
	if err != nil {
		return v.calendarAgain(err, "adding", form)
	}
	return v.goTo("/calendar", fmt.Sprintf("已登记 %d 天", n))
}

// addHoliday registers what was typed and returns the number of days.
func (v *visit) addHoliday(form *holidayForm) (int, error) {
	from, err := typedDay(form.From)
	if err != nil {
		return 0, onInput("from", "从", err)
	}
	to := from
	if form.To != "" {
		if to, err = typedDay(form.To); err != nil {
			return 0, onInput("to", "到", err)
		}
	}
	days, err := jobs.Span(from, to, form.Off == "1", form.Name)
	if err != nil {
		return 0, err
	}
	if form.Reason == "" {
		return 0, badInput("reason", "依据", "请写明登记的依据，如放假通知的文号")
	}
	return len(days), v.office.DB.SetHolidays(v.r.Context(), v.office.Region, days, v.by(form.Reason))
}

func (v *visit) removeHoliday() error {
	day, err := typedDay(v.form("day"))
	if err == nil && v.form("reason") == "" {
		err = badInput("reason", "依据", "请写明去掉 %s 的依据", day)
	}
	if err == nil {
		err = v.office.DB.RemoveHolidays(v.r.Context(), v.office.Region, []month.Date{day}, v.by(v.form("reason")))
	}
	if err != nil {
		return v.calendarAgain(err, "off-"+v.form("day"), holidayForm{})
	}
	return v.goTo("/calendar", "已去掉 "+day.String())
}

// calendarAgain shows the calendar with a form as it was sent.
func (v *visit) calendarAgain(wrong error, form string, typed holidayForm) error {
	d, err := v.calendarData()
	if err != nil {
		return err
	}
	d.Adding = typed
	return v.refuse(wrong, form, "calendar", "日历", d)
}

func typedDay(s string) (month.Date, error) {
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		return 0, fault.New(fault.Invalid, "日期“%s”不对，请写成 2026-10-01 的样子", s)
	}
	return month.FromTime(t), nil
}
