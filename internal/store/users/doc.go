// Package users stores the accounts of users (用户), the events on them, login attempts and
// sessions. The rules of who may do what are in internal/approval, which it calls.
package users
