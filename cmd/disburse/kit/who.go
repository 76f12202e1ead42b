package kit

import (
	"context"
	"os"
	"os/user"
	"strconv"
	"time"

	"disburse/internal/approval"
	"disburse/internal/journal"
	"disburse/internal/month"
	"disburse/internal/office/admin"
)

// By says who does something: the user of --as once the password is right, else the
// user of the operating system.
func (a *App) By(ctx context.Context, reason string) (journal.By, error) {
	by := journal.By{Actor: "os:" + OSUser(), Origin: Hostname(), At: Now(), Reason: reason}
	if a.As == "" {
		return by, nil
	}
	if a.known == "" { // asked for once a command
		u, err := a.Login(ctx, by)
		if err != nil {
			return by, err
		}
		a.known = u.Name
	}
	by.Actor = a.known
	return by, nil
}

// Login authenticates the user of --as, whose password must be their own: what somebody
// else has set opens nothing but the way to change it.
func (a *App) Login(ctx context.Context, by journal.By) (approval.User, error) {
	return a.authenticateWith(ctx, true, by)
}

// Authenticate asks for the password of the user of --as.
func (a *App) Authenticate(ctx context.Context, by journal.By) (approval.User, error) {
	return a.authenticateWith(ctx, false, by)
}

// authenticateWith asks for the password of --as; own: it must be the user's own one.
func (a *App) authenticateWith(ctx context.Context, own bool, by journal.By) (approval.User, error) {
	if a.As == "" {
		return approval.User{}, Usage("请用 --as 写明用户名")
	}
	password, err := a.Password("用户“" + a.As + "”的口令：")
	if err != nil {
		return approval.User{}, err
	}
	return admin.Authenticate(ctx, a.Office, a.As, password, own, by)
}

// Password reads --password-file, or asks on the terminal.
func (a *App) Password(prompt string) (string, error) {
	return a.Secret(prompt, a.PasswordFile, "--password-file")
}

// OSUser is who the operating system says runs the program.
func OSUser() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return strconv.Itoa(os.Getuid())
}

// Hostname is where the program runs.
func Hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "未知主机"
	}
	return name
}

// Now is the time in China, by the one clock of the program.
func Now() time.Time { return clock().In(month.Shanghai) }
