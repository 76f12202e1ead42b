// Package requests stores changes that wait for a second person: accounts, deputies,
// facts and awards.
package requests
