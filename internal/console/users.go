package console

import (
	"slices"
	"strconv"

	"disburse/internal/approval"
	"disburse/internal/fault"
)

func userRoutes() []route {
	return []route{
		{pattern: "GET /users", posts: overseen, do: (*visit).users},
		{pattern: "POST /users", posts: manager, do: (*visit).addUser},
		{pattern: "POST /users/password", posts: manager, do: (*visit).resetPassword},
		{pattern: "POST /users/active", posts: manager, do: (*visit).setActive},
		{pattern: "POST /users/confirm", posts: overseen, do: (*visit).confirmUser},
	}
}

// userRow is a user in the list, as they stand.
type userRow struct {
	approval.User
	Standing approval.Standing
	Wrong    int  // wrong passwords since the last right one, where they are many
	May      bool // the visitor may confirm what was done to the account
}

// State is how the account stands, in Chinese.
func (r userRow) State() string { return r.User.State(r.Standing) }

// Tone is the colour of the state.
func (r userRow) Tone() string {
	switch {
	case !r.Active:
		return "idle"
	case r.Standing.Waits || r.Standing.Change:
		return "warn"
	}
	return "good"
}

// usersData is the list of users with the form for a new one.
type usersData struct {
	Users   []userRow
	Posts   []approval.Post
	Bureaus []string
	New     approval.User // as typed
	Manages bool
}

func (v *visit) usersData() (usersData, error) {
	ctx, db, region := v.r.Context(), v.office.DB, v.office.Region
	d := usersData{Posts: everyone, Manages: v.user.Post == approval.Manager}
	for _, b := range v.office.Pack.File.Bureaus {
		d.Bureaus = append(d.Bureaus, b.Name.Value)
	}
	users, err := db.ListUsers(ctx, region)
	if err != nil {
		return d, err
	}
	wrong, err := db.WrongPasswords(ctx, region)
	if err != nil {
		return d, err
	}
	circle, err := db.Circle(ctx, region)
	if err != nil {
		return d, err
	}
	for _, u := range users {
		d.Users = append(d.Users, userRow{u, circle.Standing(u.Name), wrong[u.Name], circle.CheckConfirm(v.user, u.Name) == nil})
	}
	return d, nil
}

func (v *visit) users() error {
	d, err := v.usersData()
	if err != nil {
		return err
	}
	return v.page("users", "用户", d)
}

// userTodo asks 管理 and 审计 to confirm what others have done to accounts.
func (v *visit) userTodo() ([]todo, error) {
	if !slices.Contains(overseen, v.user.Post) {
		return nil, nil
	}
	d, err := v.usersData()
	var all []todo
	for _, u := range d.Users {
		if u.May {
			all = append(all, todo{What: "用户“" + u.Name + "”的账号等第二人确认", Name: "去确认", Path: "/users"})
		}
	}
	return all, err
}

func (v *visit) addUser() error {
	u := approval.User{Name: approval.NormalName(v.form("name")), Post: approval.Post(v.form("post")), Bureau: v.form("bureau"), Active: true}
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
		err = v.office.DB.AddUser(v.r.Context(), v.office.Region, u, v.r.FormValue("password"), v.by(v.form("reason")))
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Refused) || fault.Is(err, fault.NotFound) {
		return v.usersAgain("adding", u, err)
	}
	if err != nil {
		return err
	}
	return v.handledUser(u.Name, "已新建用户“"+u.Name+"”；请把口令当面告诉本人")
}

// handledUser says what comes after an account was opened, once more or for the first time,
// or its password set.
func (v *visit) handledUser(name, sentence string) error {
	_, s, err := v.office.DB.UserEvents(v.r.Context(), v.office.Region, name)
	if err != nil {
		return err
	}
	next := "，登录时要先换成自己的口令"
	if s.Waits {
		next += "；换过以后，由另一位管理或审计向本人核实、确认，才能办理"
	} else if len(s.Pending) > 0 {
		next += "。没有经过第二人确认，签的字在核对单上注明"
	}
	return v.goTo("/users", sentence+next)
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

// resetPassword gives somebody a new password, which ends their sessions. What follows, so
// that the administrator is no signer by it, is the database's business (keepEvent).
func (v *visit) resetPassword() error {
	name := v.form("name")
	var err error
	if v.r.FormValue("password") != v.r.FormValue("again") {
		err = badInput("again", "再输一次", "给“%s”的两次口令不一样，请重新输入", name)
	} else if name == v.user.Name {
		err = fault.New(fault.Invalid, "自己的口令请在“我的账户”里修改")
	} else {
		err = v.office.DB.SetPassword(v.r.Context(), v.office.Region, name, v.r.FormValue("password"), v.by(v.form("reason")))
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Refused) {
		return v.usersAgain("password-"+name, approval.User{}, err)
	}
	if err != nil {
		return err
	}
	return v.handledUser(name, "已重设“"+name+"”的口令，原来的登录已经退出；请把口令当面告诉本人")
}

func (v *visit) setActive() error {
	name, active := v.form("name"), v.form("active") == "1"
	if err := v.office.DB.SetActive(v.r.Context(), v.office.Region, name, active, v.by(v.form("reason"))); err != nil {
		return err
	}
	if active {
		return v.handledUser(name, "已启用用户“"+name+"”")
	}
	return v.goTo("/users", "已停用用户“"+name+"”")
}

func (v *visit) confirmUser() error {
	name := v.form("name")
	seen, err := strconv.ParseInt(v.form("seen"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "不知道您看到的是哪一次变动，请重新打开“用户”页再确认")
	}
	if err := v.office.DB.ConfirmUser(v.r.Context(), v.office.Region, name, seen, v.by(v.form("reason"))); err != nil {
		return err
	}
	return v.goTo("/users", "已确认用户“"+name+"”的账号")
}
