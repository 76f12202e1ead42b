package console

import (
	"net/http"

	"disburse/internal/approval"
	"disburse/internal/fault"
)

// meData is the user's own page: what was done to the account, and a new password.
type meData struct {
	Wrong    string
	Events   []approval.UserEvent
	Standing approval.Standing
}

func (v *visit) me() error { return v.showMe(http.StatusOK, "") }

func (v *visit) showMe(status int, wrong string) error {
	d := meData{Wrong: wrong}
	var err error
	if d.Events, d.Standing, err = v.office.DB.UserEvents(v.r.Context(), v.office.Region, v.user.Name); err != nil {
		return err
	}
	return v.pageWith(status, "me", "我的账户", d)
}

// changePassword changes the user's own password, which ends their other sessions.
func (v *visit) changePassword() error {
	ctx, region := v.r.Context(), v.office.Region
	again := func(sentence string) error { return v.showMe(http.StatusUnprocessableEntity, sentence) }
	if v.r.FormValue("password") != v.r.FormValue("again") {
		return again("两次输入的新口令不一样，请重新输入")
	}
	if _, err := v.office.DB.Authenticate(ctx, region, v.user.Name, v.r.FormValue("old"), v.by("")); err != nil {
		if fault.Is(err, fault.Denied) {
			return again("现在的口令不对，请重新输入；连续错的次数太多，要等几分钟")
		}
		return err
	}
	if err := v.office.DB.SetPassword(ctx, region, v.user.Name, v.r.FormValue("password"), v.by("本人修改")); err != nil {
		if fault.Is(err, fault.Invalid) {
			return again(err.Error())
		}
		return err
	}
	return v.begin(v.user, "已修改口令，您在别处的登录已经退出。")
}

// beforeAnythingElse leads users whose password somebody else has set, or whom a second
// person has yet to confirm, to the page where they set their own; there, and out, they may go.
func (v *visit) beforeAnythingElse(r route) bool {
	if v.session == nil || !v.session.Change || r.open || r.own {
		return false
	}
	_ = v.goTo("/me", "") // it writes, and keeps no sentence
	return true
}
