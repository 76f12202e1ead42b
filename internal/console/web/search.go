package web

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Addresses of pages end up in the history of browsers, in logs of proxies and on printed
// pages. Search terms are names and ID numbers, so they are sent by POST, and stand in
// addresses only encrypted, with a key that is derived from the session's token.

// sensitiveFields are the form fields that may identify a person; in an address,
// encryptedField carries them.
var sensitiveFields = []string{"q", "who"}

const encryptedField = "s"

// WithSearches adds to every searchable page the POST route of its search form.
func WithSearches(all []Route) []Route {
	var more []Route
	for _, p := range all {
		if more = append(more, p); p.Search {
			where := strings.TrimPrefix(p.Pattern, http.MethodGet+" ")
			more = append(more, Route{Pattern: http.MethodPost + " " + where, Search: true, Posts: p.Posts, Do: p.submitSearch})
		}
	}
	return more
}

// submitSearch redirects a search form to the page with its terms encrypted in the address.
// A live page answers htmx directly, as one types, and has it replace the address.
func (r *Route) submitSearch(v *Visit) error {
	where := searchAddress(v)
	if r.Live && v.R.Header.Get("HX-Request") != "" {
		v.W.Header().Set("HX-Replace-Url", where)
		return r.Do(v)
	}
	return v.Redirect(where, "")
}

// searchAddress is the address of the page with the fields of the search form.
func searchAddress(v *Visit) string {
	asked, secret := url.Values{}, url.Values{}
	for name := range v.R.PostForm {
		text := v.Typed(name)
		switch {
		case text == "" || name == encryptedField:
		case slices.Contains(sensitiveFields, name):
			secret.Set(name, text)
		default:
			asked.Set(name, text)
		}
	}
	v.encrypt(asked, secret)
	if len(asked) == 0 {
		return v.R.URL.Path
	}
	return v.R.URL.Path + "?" + asked.Encode()
}

// SearchTerm is a sensitive field: as typed, or decrypted from the address.
func (v *Visit) SearchTerm(name string) string {
	if v.R.Form.Has(name) {
		return v.Typed(name)
	}
	secret, err := url.ParseQuery(v.decrypt(v.R.FormValue(encryptedField)))
	if err != nil {
		return ""
	}
	return secret.Get(name)
}

// Address is a path with a query in which the sensitive fields are encrypted. It empties
// asked of them.
func (v *Visit) Address(path string, asked url.Values) string {
	secret := url.Values{}
	for _, name := range sensitiveFields {
		if text := asked.Get(name); text != "" {
			secret.Set(name, text)
		}
		asked.Del(name)
	}
	v.encrypt(asked, secret)
	return path + "?" + asked.Encode()
}

// encrypt adds the sensitive fields to a query as one encrypted field.
func (v *Visit) encrypt(asked, secret url.Values) {
	if len(secret) == 0 {
		return
	}
	box := addressCipher(v.token)
	nonce := make([]byte, box.NonceSize())
	rand.Read(nonce) // never fails
	asked.Set(encryptedField, base64.RawURLEncoding.EncodeToString(box.Seal(nonce, nonce, []byte(secret.Encode()), nil)))
}

// decrypt reverses encrypt; empty for a field of another session, as in an address that
// somebody passed on.
func (v *Visit) decrypt(text string) string {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	box := addressCipher(v.token)
	if err != nil || len(sealed) < box.NonceSize() {
		return ""
	}
	plain, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], nil)
	if err != nil {
		return ""
	}
	return string(plain)
}

// addressCipher is the cipher for addresses of a session. Its key is derived from the token,
// which only the browser stores: several servers can decrypt each other's addresses, and
// nobody can once the session has ended.
func addressCipher(token string) cipher.AEAD {
	key := sha256.Sum256([]byte("disburse console search\x00" + token))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // the key has the right length
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // the block has the right length
	}
	return box
}
