package admin

import (
	"context"

	"disburse/internal/approval"
	"disburse/internal/fault"
	"disburse/internal/journal"
	"disburse/internal/office"
	"disburse/internal/store/users"
)

// AddUser opens an account; who signs belongs to a bureau of the pack. What a second person
// has to confirm afterwards is the store's rule, for every way in. Errors: fault.NotFound
// (bureau), those of users.Add.
func AddUser(ctx context.Context, o *office.Office, u approval.User, password string, by journal.By) error {
	if err := o.KnownBureau(u.Bureau); err != nil {
		return err
	}
	return users.Add(ctx, o.DB, o.Region, u, password, by)
}

// FirstUser opens the first account of an empty system, a 管理, from its set-up page.
// Errors: fault.Refused where there is a user by now; those of users.Add.
func FirstUser(ctx context.Context, o *office.Office, name, password string, by journal.By) error {
	return users.AddFirst(ctx, o.DB, o.Region, name, password, by)
}

// SetPassword sets a password, one's own or, with a reason, somebody else's, and ends that
// user's sessions. Errors: those of users.SetPassword.
func SetPassword(ctx context.Context, o *office.Office, name, password string, by journal.By) error {
	return users.SetPassword(ctx, o.DB, o.Region, name, password, by)
}

// ChangePassword sets a user's own password; the present one proves that it is the user who
// asks, so that an unlocked screen is not enough. Errors: fault.Denied (the present one is
// wrong, or was wrong too often), those of users.SetPassword.
func ChangePassword(ctx context.Context, o *office.Office, name, present, password string, by journal.By) error {
	own := by
	own.Reason = "" // a login has none
	if _, err := users.Authenticate(ctx, o.DB, o.Region, name, present, own); err != nil {
		return err
	}
	return users.SetPassword(ctx, o.DB, o.Region, name, password, by)
}

// Authenticate returns the user whose name and password these are, of a command. A password
// that somebody else has set opens nothing but the way to change it (own false). Errors:
// fault.Denied.
func Authenticate(ctx context.Context, o *office.Office, name, password string, own bool, by journal.By) (approval.User, error) {
	u, err := users.Authenticate(ctx, o.DB, o.Region, name, password, by)
	if err == nil && own {
		err = users.CheckUsable(ctx, o.DB, o.Region, u.Name)
	}
	return u, err
}

// SetUserActive closes an account, or opens it once more. Errors: those of users.SetActive.
func SetUserActive(ctx context.Context, o *office.Office, name string, active bool, by journal.By) error {
	return users.SetActive(ctx, o.DB, o.Region, name, active, by)
}

// ConfirmUser is the second person's answer to what was done to an account, up to the event
// that this person has seen: what came later is not confirmed unseen. Errors: those of
// users.Confirm.
func ConfirmUser(ctx context.Context, o *office.Office, name string, seen int64, by journal.By) error {
	if by.Actor == "" {
		return fault.New(fault.Denied, "请用自己的用户确认“%s”的账号", name)
	}
	return users.Confirm(ctx, o.DB, o.Region, name, seen, by)
}
