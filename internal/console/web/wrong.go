package web

import (
	"errors"
	"net/url"

	"disburse/internal/fault"
)

// wrong is what is the matter with a form that was sent. It stands above the page, where
// a page begins, and leads to the inputs it is about; console.js brings it into view and
// marks those.
type wrong struct {
	Text   string
	Form   string // its id in the page; empty: the page says nothing of a form
	Inputs []WrongInput
}

// WrongInput is an input of the form. Row counts inputs of the same name, from 0.
type WrongInput struct {
	Name, Label string
	Row         int
}

// InputError is an error about inputs of a form.
type InputError struct {
	Cause  error
	Inputs []WrongInput
}

func (e *InputError) Error() string { return e.Cause.Error() }

func (e *InputError) Unwrap() error { return e.Cause }

// OnInput says which input of its form an error is about; no error stays none.
func OnInput(name, label string, err error) error {
	if err == nil {
		return nil
	}
	return &InputError{err, []WrongInput{{Name: name, Label: label}}}
}

// BadInput is the error of an input that cannot be as it is.
func BadInput(name, label, format string, args ...any) error {
	return OnInput(name, label, fault.New(fault.Invalid, format, args...))
}

// WrongWith has the page that is shown next say what is wrong with the form.
func (v *Visit) WrongWith(form string, err error) {
	v.wrong = &wrong{Text: err.Error(), Form: form}
	var on *InputError
	if errors.As(err, &on) {
		v.wrong.Inputs = on.Inputs
	}
}

// OfForm reports whether an error is one that the form can be shown again with: what was
// typed stays, and can be mended. Others have a page of their own.
func OfForm(err error) bool {
	switch fault.CodeOf(err) {
	case fault.Invalid, fault.Refused, fault.NotFound:
		return true
	}
	return false
}

// Refuse shows a page again with what is wrong with one of its forms.
func (v *Visit) Refuse(err error, form, page, title string, data any) error {
	if !OfForm(err) {
		return err
	}
	v.WrongWith(form, err)
	return v.PageWith(Statuses[fault.CodeOf(err)], page, title, data)
}

// cameFrom is the page of ours that a request was sent from; empty: none is known.
func (v *Visit) cameFrom() string {
	from, err := url.Parse(v.R.Referer())
	if err != nil || from.Host != v.R.Host || from.Path == "" {
		return ""
	}
	return Inside(from.RequestURI())
}
