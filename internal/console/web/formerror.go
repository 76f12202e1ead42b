package web

import (
	"errors"
	"net/url"

	"disburse/internal/fault"
)

// formError is what is wrong with a submitted form. It is shown at the top of the page with
// links to the inputs it is about; console.js scrolls to it and marks the inputs.
type formError struct {
	Text   string
	Form   string // its id in the page; empty: the page has no such form
	Inputs []InvalidInput
}

// InvalidInput is an input of the form. Row counts inputs of the same name, from 0.
type InvalidInput struct {
	Name, Label string
	Row         int
}

// InputError is an error about inputs of a form.
type InputError struct {
	Cause  error
	Inputs []InvalidInput
}

func (e *InputError) Error() string { return e.Cause.Error() }

func (e *InputError) Unwrap() error { return e.Cause }

// OnInput attaches an input of the form to an error; nil stays nil.
func OnInput(name, label string, err error) error {
	if err == nil {
		return nil
	}
	return &InputError{err, []InvalidInput{{Name: name, Label: label}}}
}

// BadInput is the error of an invalid input, with its sentence: fault.Invalid.
func BadInput(name, label, format string, args ...any) error {
	return OnInput(name, label, fault.New(fault.Invalid, format, args...))
}

// SetFormError has the next page show what is wrong with the form of that id.
func (v *Visit) SetFormError(form string, err error) {
	v.formError = &formError{Text: err.Error(), Form: form}
	var on *InputError
	if errors.As(err, &on) {
		v.formError.Inputs = on.Inputs
	}
}

// OfForm reports whether the user can correct an error in the form, which is then shown again
// as it was typed. Other errors get a page of their own.
func OfForm(err error) bool {
	switch fault.CodeOf(err) {
	case fault.Invalid, fault.Refused, fault.NotFound:
		return true
	}
	return false
}

// Refuse shows the page of a form again with an error and the status of its kind. An error
// that the user cannot correct in the form is returned.
func (v *Visit) Refuse(err error, form, page, title string, data any) error {
	if !OfForm(err) {
		return err
	}
	v.SetFormError(form, err)
	return v.PageWith(Statuses[fault.CodeOf(err)], page, title, data)
}

// referer is the page of this site that a request was sent from; empty: unknown or foreign.
func (v *Visit) referer() string {
	from, err := url.Parse(v.R.Referer())
	if err != nil || from.Host != v.R.Host || from.Path == "" {
		return ""
	}
	return LocalPath(from.RequestURI())
}
