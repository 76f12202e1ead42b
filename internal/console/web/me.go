package web

import (
	"net/http"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/office/admin"
	"disburse/internal/store/users"
)

// meData is the data of 我的账户: what was done to the account, and the password form.
type meData struct {
	Wrong    string
	Events   []approval.UserEvent
	Standing approval.AccountStatus
}

func me(v *Visit) error { return showMe(v, http.StatusOK, "") }

func showMe(v *Visit, status int, wrong string) error {
	d := meData{Wrong: wrong}
	var err error
	if d.Events, d.Standing, err = users.Events(v.R.Context(), v.Office.DB, v.Office.Region, v.User.Name); err != nil {
		return err
	}
	return v.PageWith(status, "me", "我的账户", d)
}

// changePassword changes the user's own password. It ends their other sessions: whoever has
// stolen the old password must not stay logged in.
func changePassword(v *Visit) error {
	again := func(sentence string) error { return showMe(v, http.StatusUnprocessableEntity, sentence) }
	if v.R.FormValue("password") != v.R.FormValue("again") {
		return again("两次输入的新口令不一样，请重新输入")
	}
	switch err := admin.ChangePassword(v.R.Context(), v.Office, v.User.Name, v.R.FormValue("old"), v.R.FormValue("password"), v.By("本人修改")); {
	case fault.Is(err, fault.Denied):
		return again("现在的口令不对，请重新输入；连续错的次数太多，要等几分钟")
	case fault.Is(err, fault.Invalid):
		return again(err.Error())
	case err != nil:
		return err
	}
	return v.begin(v.User, "已修改口令，您在别处的登录已经退出。")
}

// requirePasswordChange redirects users whose password somebody else has set, or whose
// account a second person has yet to confirm, to 我的账户, and reports whether it did. Only
// that page and the logout are open to them: an administrator who set the password must not
// be able to sign as the user.
func requirePasswordChange(v *Visit, r Route) bool {
	if v.session == nil || !v.session.Change || r.Open || r.setsPassword {
		return false
	}
	_ = v.Redirect("/me", "") // without a sentence it cannot fail
	return true
}
