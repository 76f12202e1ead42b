package system

import (
	"slices"
	"strconv"

	"disburse/internal/approval"
	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/office/admin"
	"disburse/internal/store/users"
)

// userRow is a user with the status of the account.
type userRow struct {
	approval.User
	Standing approval.AccountStatus
	Wrong    int  // wrong passwords since the last login; 0 unless they are many
	May      bool // the user of this request may confirm the pending changes of the account
}

// State is the status of the account in Chinese.
func (r userRow) State() string { return r.User.State(r.Standing) }

// Tone is the colour (style class) of the status.
func (r userRow) Tone() string {
	switch {
	case !r.Active:
		return "idle"
	case r.Standing.Waits || r.Standing.Change:
		return "warn"
	}
	return "good"
}

// usersData is the data of the list of users and of the form for a new one.
type usersData struct {
	Users   []userRow
	Posts   []approval.Post
	Bureaus []string
	New     approval.User // as typed
	Manages bool
}

func readUsers(v *web.Visit) (usersData, error) {
	ctx, db, region := v.R.Context(), v.Office.DB, v.Office.Region
	d := usersData{Posts: web.Everyone, Manages: v.User.Post == approval.Manager}
	for _, b := range v.Office.Pack.File.Bureaus {
		d.Bureaus = append(d.Bureaus, b.Name.Value)
	}
	accounts, err := users.List(ctx, db, region)
	if err != nil {
		return d, err
	}
	wrong, err := users.WrongPasswords(ctx, db, region)
	if err != nil {
		return d, err
	}
	circle, err := users.Circle(ctx, db, region)
	if err != nil {
		return d, err
	}
	for _, u := range accounts {
		d.Users = append(d.Users, userRow{u, circle.Standing(u.Name), wrong[u.Name], circle.CheckConfirm(v.User, u.Name) == nil})
	}
	return d, nil
}

func usersPage(v *web.Visit) error {
	d, err := readUsers(v)
	if err != nil {
		return err
	}
	return v.Page("users", "用户", d)
}

// UserTodo is an entry of the to-do list of 管理 and 审计: accounts that they may confirm.
func UserTodo(v *web.Visit) ([]web.Todo, error) {
	if !slices.Contains(web.Overseen, v.User.Post) {
		return nil, nil
	}
	d, err := readUsers(v)
	var all []web.Todo
	for _, u := range d.Users {
		if u.May {
			all = append(all, web.Todo{What: "用户“" + u.Name + "”的账号等第二人确认", Name: "去确认", Path: "/users"})
		}
	}
	return all, err
}

func addUser(v *web.Visit) error {
	u := approval.User{Name: approval.NormalName(v.Form("name")), Post: approval.Post(v.Form("post")), Bureau: v.Form("bureau"), Active: true}
	if !u.Post.Signs() {
		u.Bureau = ""
	}
	var err error
	if v.R.FormValue("password") != v.R.FormValue("again") {
		err = web.BadInput("again", "再输一次", "两次输入的口令不一样，请重新输入")
	} else {
		err = admin.AddUser(v.R.Context(), v.Office, u, v.R.FormValue("password"), v.By(v.Form("reason")))
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Refused) || fault.Is(err, fault.NotFound) {
		return showUsersAgain(v, "adding", u, err)
	}
	if err != nil {
		return err
	}
	return accountHandled(v, u.Name, "已新建用户“"+u.Name+"”；请把口令当面告诉本人")
}

// accountHandled redirects after an account was created, reactivated or given a new password,
// and says what has to follow.
func accountHandled(v *web.Visit, name, sentence string) error {
	_, s, err := users.Events(v.R.Context(), v.Office.DB, v.Office.Region, name)
	if err != nil {
		return err
	}
	next := "，登录时要先换成自己的口令"
	if s.Waits {
		next += "；换过以后，由另一位管理或审计向本人核实、确认，才能办理"
	} else if len(s.Pending) > 0 {
		next += "。没有经过第二人确认，签的字在核对单上注明"
	}
	return v.Redirect("/users", sentence+next)
}

// showUsersAgain shows the page with an error at one of its forms, and the new user as typed.
func showUsersAgain(v *web.Visit, form string, u approval.User, wrong error) error {
	d, err := readUsers(v)
	if err != nil {
		return err
	}
	d.New = u
	return v.Refuse(wrong, form, "users", "用户", d)
}

// resetPassword sets a user's password, which ends their sessions. The account then needs a new
// password and a confirmation by a second person before it can sign (store/users), so that
// nobody gains a second signature by setting a password.
func resetPassword(v *web.Visit) error {
	name := v.Form("name")
	var err error
	if v.R.FormValue("password") != v.R.FormValue("again") {
		err = web.BadInput("again", "再输一次", "给“%s”的两次口令不一样，请重新输入", name)
	} else if name == v.User.Name {
		err = fault.New(fault.Invalid, "自己的口令请在“我的账户”里修改")
	} else {
		err = admin.SetPassword(v.R.Context(), v.Office, name, v.R.FormValue("password"), v.By(v.Form("reason")))
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Refused) {
		return showUsersAgain(v, "password-"+name, approval.User{}, err)
	}
	if err != nil {
		return err
	}
	return accountHandled(v, name, "已重设“"+name+"”的口令，原来的登录已经退出；请把口令当面告诉本人")
}

func setActive(v *web.Visit) error {
	name, active := v.Form("name"), v.Form("active") == "1"
	if err := admin.SetUserActive(v.R.Context(), v.Office, name, active, v.By(v.Form("reason"))); err != nil {
		return err
	}
	if active {
		return accountHandled(v, name, "已启用用户“"+name+"”")
	}
	return v.Redirect("/users", "已停用用户“"+name+"”")
}

func confirmUser(v *web.Visit) error {
	name := v.Form("name")
	seen, err := strconv.ParseInt(v.Form("seen"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "不知道您看到的是哪一次变动，请重新打开“用户”页再确认")
	}
	if err := admin.ConfirmUser(v.R.Context(), v.Office, name, seen, v.By(v.Form("reason"))); err != nil {
		return err
	}
	return v.Redirect("/users", "已确认用户“"+name+"”的账号")
}
