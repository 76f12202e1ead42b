package console

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
	Inputs []wrongInput
}

// wrongInput is an input of the form. Row counts inputs of the same name, from 0.
type wrongInput struct {
	Name, Label string
	Row         int
}

// inputError is an error about inputs of a form.
type inputError struct {
	cause  error
	inputs []wrongInput
}

func (e *inputError) Error() string { return e.cause.Error() }

func (e *inputError) Unwrap() error { return e.cause }

// onInput says which input of its form an error is about; no error stays none.
func onInput(name, label string, err error) error {
	if err == nil {
		return nil
	}
	return &inputError{err, []wrongInput{{Name: name, Label: label}}}
}

// badInput is the error of an input that cannot be as it is.
func badInput(name, label, format string, args ...any) error {
	return onInput(name, label, fault.New(fault.Invalid, format, args...))
}

// wrongWith has the page that is shown next say what is wrong with the form.
func (v *visit) wrongWith(form string, err error) {
	v.wrong = &wrong{Text: err.Error(), Form: form}
	var on *inputError
	if errors.As(err, &on) {
		v.wrong.Inputs = on.inputs
	}
}

// ofForm reports whether an error is one that the form can be shown again with: what was
// typed stays, and can be mended. Others have a page of their own.
func ofForm(err error) bool {
	switch fault.CodeOf(err) {
	case fault.Invalid, fault.Refused, fault.NotFound:
		return true
	}
	return false
}

// refuse shows a page again with what is wrong with one of its forms.
func (v *visit) refuse(err error, form, page, title string, data any) error {
	if !ofForm(err) {
		return err
	}
	v.wrongWith(form, err)
	return v.pageWith(statuses[fault.CodeOf(err)], page, title, data)
}

// cameFrom is the page of ours that a request was sent from; empty: none is known.
func (v *visit) cameFrom() string {
	from, err := url.Parse(v.r.Referer())
	if err != nil || from.Host != v.r.Host || from.Path == "" {
		return ""
	}
	return inside(from.RequestURI())
}
