package web

import (
	"net/http"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/store/users"
)

// meData is the user's own page: what was done to the account, and a new password.
type meData struct {
	Wrong    string
	Events   []approval.UserEvent
	Standing approval.Standing
}

func (v *Visit) me() error { return v.showMe(http.StatusOK, "") }

func (v *Visit) showMe(status int, wrong string) error {
	d := meData{Wrong: wrong}
	var err error
	if d.Events, d.Standing, err = users.Events(v.R.Context(), v.Office.DB, v.Office.Region, v.User.Name); err != nil {
		return err
	}
	return v.PageWith(status, "me", "我的账户", d)
}

// changePassword changes the user's own password, which ends their other sessions.
func (v *Visit) changePassword() error {
	again := func(sentence string) error { return v.showMe(http.StatusUnprocessableEntity, sentence) }
	if v.R.FormValue("password") != v.R.FormValue("again") {
		return again("两次输入的新口令不一样，请重新输入")
	}
	switch err := v.Office.ChangePassword(v.R.Context(), v.User.Name, v.R.FormValue("old"), v.R.FormValue("password"), v.By("本人修改")); {
	case fault.Is(err, fault.Denied):
		return again("现在的口令不对，请重新输入；连续错的次数太多，要等几分钟")
	case fault.Is(err, fault.Invalid):
		return again(err.Error())
	case err != nil:
		return err
	}
	return v.begin(v.User, "已修改口令，您在别处的登录已经退出。")
}

// beforeAnythingElse leads users whose password somebody else has set, or whom a second
// person has yet to confirm, to the page where they set their own; there, and out, they may go.
func (v *Visit) beforeAnythingElse(r Route) bool {
	if v.session == nil || !v.session.Change || r.Open || r.own {
		return false
	}
	_ = v.GoTo("/me", "") // it writes, and keeps no sentence
	return true
}
