package system

import (
	"fmt"
	"time"

	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/month"
	"disburse/internal/office/admin"
	"disburse/jobs"
)

// setHoliday registers days as off (休) or as extra working days (班).
func setHoliday(v *web.Visit) error {
	form := holidayForm{From: v.Form("from"), To: v.Form("to"), Off: v.Form("off"), Name: v.Form("name"), Reason: v.Form("reason")}
	n, err := addHoliday(v, &form)
	if err != nil {
		return showCalendarAgain(v, err, "adding", form)
	}
	return v.Redirect("/calendar", fmt.Sprintf("已登记 %d 天", n))
}

// addHoliday parses the form, registers the days and returns their number.
func addHoliday(v *web.Visit, form *holidayForm) (int, error) {
	from, err := typedDay(form.From)
	if err != nil {
		return 0, web.OnInput("from", "从", err)
	}
	to := from
	if form.To != "" {
		if to, err = typedDay(form.To); err != nil {
			return 0, web.OnInput("to", "到", err)
		}
	}
	days, err := jobs.Span(from, to, form.Off == "1", form.Name)
	if err != nil {
		return 0, err
	}
	if form.Reason == "" {
		return 0, web.BadInput("reason", "依据", "请写明登记的依据，如放假通知的文号")
	}
	return len(days), admin.SetHolidays(v.R.Context(), v.Office, days, v.By(form.Reason))
}

func removeHoliday(v *web.Visit) error {
	day, err := typedDay(v.Form("day"))
	if err == nil && v.Form("reason") == "" {
		err = web.BadInput("reason", "依据", "请写明去掉 %s 的依据", day)
	}
	if err == nil {
		err = admin.RemoveHolidays(v.R.Context(), v.Office, []month.Date{day}, v.By(v.Form("reason")))
	}
	if err != nil {
		return showCalendarAgain(v, err, "off-"+v.Form("day"), holidayForm{})
	}
	return v.Redirect("/calendar", "已去掉 "+day.String())
}

// showCalendarAgain shows the calendar with an error at one of its forms.
func showCalendarAgain(v *web.Visit, wrong error, form string, typed holidayForm) error {
	d, err := readCalendar(v)
	if err != nil {
		return err
	}
	d.Adding = typed
	return v.Refuse(wrong, form, "calendar", "日历", d)
}

// typedDay parses a date. Errors: fault.Invalid.
func typedDay(s string) (month.Date, error) {
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		return 0, fault.New(fault.Invalid, "日期“%s”不对，请写成 2026-10-01 的样子", s)
	}
	return month.FromTime(t), nil
}
