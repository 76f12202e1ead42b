package system

import (
	"slices"
	"strconv"

	"disburse/internal/approval"
	"disburse/internal/console/web"
	"disburse/internal/fault"
	"disburse/internal/store/users"
)

func UserRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /users", Posts: web.Overseen, Do: usersPage},
		{Pattern: "POST /users", Posts: web.Manager, Do: addUser},
		{Pattern: "POST /users/password", Posts: web.Manager, Do: resetPassword},
		{Pattern: "POST /users/active", Posts: web.Manager, Do: setActive},
		{Pattern: "POST /users/confirm", Posts: web.Overseen, Do: confirmUser},
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

// UserTodo asks 管理 and 审计 to confirm what others have done to accounts.
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
		err = v.Office.AddUser(v.R.Context(), u, v.R.FormValue("password"), v.By(v.Form("reason")))
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Refused) || fault.Is(err, fault.NotFound) {
		return usersAgain(v, "adding", u, err)
	}
	if err != nil {
		return err
	}
	return handledUser(v, u.Name, "已新建用户“"+u.Name+"”；请把口令当面告诉本人")
}

// handledUser says what comes after an account was opened, once more or for the first time,
// or its password set.
func handledUser(v *web.Visit, name, sentence string) error {
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
	return v.GoTo("/users", sentence+next)
}

// usersAgain shows the page with what is wrong with a form, and the new user as typed.
func usersAgain(v *web.Visit, form string, u approval.User, wrong error) error {
	d, err := readUsers(v)
	if err != nil {
		return err
	}
	d.New = u
	return v.Refuse(wrong, form, "users", "用户", d)
}

// resetPassword gives somebody a new password, which ends their sessions. What follows, so
// that the administrator is no signer by it, is decided by users.insertEvent.
func resetPassword(v *web.Visit) error {
	name := v.Form("name")
	var err error
	if v.R.FormValue("password") != v.R.FormValue("again") {
		err = web.BadInput("again", "再输一次", "给“%s”的两次口令不一样，请重新输入", name)
	} else if name == v.User.Name {
		err = fault.New(fault.Invalid, "自己的口令请在“我的账户”里修改")
	} else {
		err = v.Office.SetPassword(v.R.Context(), name, v.R.FormValue("password"), v.By(v.Form("reason")))
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Refused) {
		return usersAgain(v, "password-"+name, approval.User{}, err)
	}
	if err != nil {
		return err
	}
	return handledUser(v, name, "已重设“"+name+"”的口令，原来的登录已经退出；请把口令当面告诉本人")
}

func setActive(v *web.Visit) error {
	name, active := v.Form("name"), v.Form("active") == "1"
	if err := v.Office.SetUserActive(v.R.Context(), name, active, v.By(v.Form("reason"))); err != nil {
		return err
	}
	if active {
		return handledUser(v, name, "已启用用户“"+name+"”")
	}
	return v.GoTo("/users", "已停用用户“"+name+"”")
}

func confirmUser(v *web.Visit) error {
	name := v.Form("name")
	seen, err := strconv.ParseInt(v.Form("seen"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "不知道您看到的是哪一次变动，请重新打开“用户”页再确认")
	}
	if err := v.Office.ConfirmUser(v.R.Context(), name, seen, v.By(v.Form("reason"))); err != nil {
		return err
	}
	return v.GoTo("/users", "已确认用户“"+name+"”的账号")
}
