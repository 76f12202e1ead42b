// Package users stores accounts of users (用户), what was done to them by whom, their
// logins and sessions.
package users
