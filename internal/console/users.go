package console

import (
	"time"

	"disburse/internal/approval"
	"disburse/internal/fault"
)

func userRoutes() []route {
	return []route{
		{pattern: "GET /users", posts: overseen, do: (*visit).users},
		{pattern: "POST /users", posts: manager, do: (*visit).addUser},
		{pattern: "POST /users/{name}/password", posts: manager, do: (*visit).resetPassword},
		{pattern: "POST /users/{name}/active", posts: manager, do: (*visit).setActive},
	}
}

// usersData is the list of users with the form for a new one.
type usersData struct {
	Users   []approval.User
	Locked  map[string]time.Time // until when, of those whom wrong passwords have locked out
	Posts   []approval.Post
	Bureaus []string
	New     approval.User // as typed
	Manages bool
}

func (v *visit) usersData() (usersData, error) {
	users, err := v.office.DB.ListUsers(v.r.Context(), v.office.Region)
	if err != nil {
		return usersData{}, err
	}
	d := usersData{Users: users, Posts: everyone, Manages: v.user.Post == approval.Manager}
	for _, b := range v.office.Pack.File.Bureaus {
		d.Bureaus = append(d.Bureaus, b.Name.Value)
	}
	d.Locked, err = v.office.DB.LockedUsers(v.r.Context(), v.office.Region, v.Clock())
	return d, err
}

func (v *visit) users() error {
	d, err := v.usersData()
	if err != nil {
		return err
	}
	return v.page("users", "用户", d)
}

func (v *visit) addUser() error {
	u := approval.User{Name: v.form("name"), Post: approval.Post(v.form("post")), Bureau: v.form("bureau"), Active: true}
	if !u.Post.Signs() {
		u.Bureau = ""
	}
	var err error
	switch {
	case v.r.FormValue("password") != v.r.FormValue("again"):
		err = badInput("again", "再输一次", "两次输入的口令不一样，请重新输入")
	case u.Bureau != "":
		_, err = v.office.Pack.Bureau(u.Bureau)
	}
	if err == nil {
		err = v.office.DB.AddUser(v.r.Context(), v.office.Region, u, v.r.FormValue("password"), v.by(""))
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Refused) || fault.Is(err, fault.NotFound) {
		return v.usersAgain("adding", u, err)
	}
	if err != nil {
		return err
	}
	return v.goTo("/users", "已新建用户“"+u.Name+"”，请把口令当面告诉本人，并请本人登录后在“我的账户”里改掉")
}

// usersAgain shows the page with what is wrong with a form, and the new user as typed.
func (v *visit) usersAgain(form string, u approval.User, wrong error) error {
	d, err := v.usersData()
	if err != nil {
		return err
	}
	d.New = u
	return v.refuse(wrong, form, "users", "用户", d)
}

// resetPassword gives somebody a new password and ends their sessions. It does not make
// the administrator a signer: what is signed with it names the user and the journal names
// who reset it, and when.
func (v *visit) resetPassword() error {
	name := v.r.PathValue("name")
	if v.r.FormValue("password") != v.r.FormValue("again") {
		return v.usersAgain("password-"+name, approval.User{}, badInput("again", "再输一次", "给“%s”的两次口令不一样，请重新输入", name))
	}
	if err := v.office.DB.SetPassword(v.r.Context(), v.office.Region, name, v.r.FormValue("password"), v.by(v.form("reason"))); err != nil {
		if fault.Is(err, fault.Invalid) {
			return v.usersAgain("password-"+name, approval.User{}, err)
		}
		return err
	}
	if err := v.office.DB.EndSessions(v.r.Context(), v.office.Region, name, v.Clock()); err != nil {
		return err
	}
	return v.goTo("/users", "已重设“"+name+"”的口令，原来的登录已经退出")
}

func (v *visit) setActive() error {
	name, active := v.r.PathValue("name"), v.form("active") == "1"
	if err := v.office.DB.SetActive(v.r.Context(), v.office.Region, name, active, v.by(v.form("reason"))); err != nil {
		return err
	}
	word := "已停用"
	if active {
		word = "已启用"
	}
	return v.goTo("/users", word+"用户“"+name+"”")
}
