// Package lang is the expression language of policy packs, version 1: conditions
// and amounts over named facts and rates, with Chinese names. The grammar is
// parsed by expr-lang/expr; of its tree a small listed subset is accepted, checked
// for types and for values that may be absent, and compiled to plain functions.
// Everything else is an error with its place. docs/policy-language.md is the reference.
//
// Conditions are two-valued: an absent flag is false, an absent value equals nothing,
// so ==, in, < and their like are false, and not of them is true. Where that would
// surprise (!=, not in, arithmetic) an optional name must be guarded by known(x).
package lang

import (
	"github.com/shopspring/decimal"
)

// Version is the meaning of expressions that this package implements; packs name it.
const Version = 1

// Type is the type of a name or an expression.
type Type int

// The types.
const (
	Bool   Type = iota + 1 // flag
	Number                 // exact decimal
	Text                   // one word
	Texts                  // a set of words
)

// String returns the type as error sentences name it.
func (t Type) String() string {
	return [...]string{"", "是非", "数值", "文字", "多值"}[t]
}

// Symbol is what a scope knows of a name.
type Symbol struct {
	Slot     int      // where Env finds its value
	Type     Type     // 0: not known because of an error that was reported elsewhere
	Optional bool     // may be absent; a Bool never is
	Values   []string // all values a Text or Texts may have; nil: any
	Needs    string   // the name whose being known makes this one known; empty: itself
}

// Scope resolves names while an expression is compiled.
type Scope interface {
	Lookup(name string) (Symbol, bool)
	// Asks reports whether granted(code) may stand here, and if not, why.
	Asks(code string) Asking
}

// Asking is whether an expression may ask granted() of an item.
type Asking int

// What a scope answers.
const (
	MayAsk      Asking = iota
	NeverHere          // no item may be asked about in this place
	UnknownItem        // no item has this code
	PaysNothing        // the item grants no money
	AsksItself         // the item that the expression belongs to
)

// Value is what a name has for one person in one month. The zero Value is absent.
type Value struct {
	Known bool
	Flag  bool
	Num   decimal.Decimal
	Text  string
	Texts []string
}

// Env gives names their values.
type Env interface {
	// Value returns the value in a slot. Its error stops the evaluation: a rate that
	// has no value in the month.
	Value(slot int) (Value, error)
	// Granted returns what the item grants this person in this month, 0 for nothing.
	// Its error stops the evaluation.
	Granted(code string) (decimal.Decimal, error)
}

// Error is one thing wrong in an expression.
type Error struct {
	Line, Col int    // within the expression, from 1, in characters
	Sentence  string // Chinese
}

// Expr is a compiled expression.
type Expr struct {
	Source          string
	Type            Type
	Names           []string // every name it uses, once, in order of appearance
	Items           []string // every item it asks granted() of
	Knows           []string // names that are known wherever it is true
	Ages            []int    // whole numbers that 年龄 is compared with; see AgeOnlyCompared
	AgeOnlyCompared bool

	ageUses int
	cond    func(Env) (bool, error)
	num     func(Env) (decimal.Decimal, error)
	made    makeup // of a Number
}

// Holds evaluates a Bool expression.
func (e *Expr) Holds(env Env) (bool, error) { return e.cond(env) }

// Amount evaluates a Number expression.
func (e *Expr) Amount(env Env) (decimal.Decimal, error) { return e.num(env) }

// AgeName is the name of a person's age in full years.
const AgeName = "年龄"
