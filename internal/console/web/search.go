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

// Addresses of pages end up in histories of browsers, logs of proxies and on printed
// pages. So what is searched for, a name or an ID number, is sent as a form, and stands in
// addresses only sealed, under a key that the session alone has.

// searchFields are the fields of forms that may name somebody; sealedField has them sealed.
var searchFields = []string{"q", "who"}

const sealedField = "s"

// WithSearches adds to the pages that are searched the actions of their forms.
func WithSearches(all []Route) []Route {
	var more []Route
	for _, p := range all {
		if more = append(more, p); p.Search {
			where := strings.TrimPrefix(p.Pattern, http.MethodGet+" ")
			more = append(more, Route{Pattern: http.MethodPost + " " + where, Search: true, Posts: p.Posts, Do: p.searched})
		}
	}
	return more
}

// searched leads to the page that shows what a form searches for. Of a page that is live,
// htmx gets the part as one types, and the address that the browser shows.
func (r *Route) searched(v *Visit) error {
	where := v.searchAddress()
	if r.Live && v.R.Header.Get("HX-Request") != "" {
		v.W.Header().Set("HX-Replace-Url", where)
		return r.Do(v)
	}
	return v.GoTo(where, "")
}

// searchAddress is the address of the page with what the form has.
func (v *Visit) searchAddress() string {
	asked, secret := url.Values{}, url.Values{}
	for name := range v.R.PostForm {
		text := v.Typed(name)
		switch {
		case text == "" || name == sealedField:
		case slices.Contains(searchFields, name):
			secret.Set(name, text)
		default:
			asked.Set(name, text)
		}
	}
	v.seal(asked, secret)
	if len(asked) == 0 {
		return v.R.URL.Path
	}
	return v.R.URL.Path + "?" + asked.Encode()
}

// Asked is what is searched for under a name, typed now or sealed in the address.
func (v *Visit) Asked(name string) string {
	if v.R.Form.Has(name) {
		return v.Typed(name)
	}
	secret, err := url.ParseQuery(v.unsealed(v.R.FormValue(sealedField)))
	if err != nil {
		return ""
	}
	return secret.Get(name)
}

// Address is a path with what is asked for; what may name somebody is sealed.
func (v *Visit) Address(path string, asked url.Values) string {
	secret := url.Values{}
	for _, name := range searchFields {
		if text := asked.Get(name); text != "" {
			secret.Set(name, text)
		}
		asked.Del(name)
	}
	v.seal(asked, secret)
	return path + "?" + asked.Encode()
}

// seal adds to an address what may stand there sealed alone.
func (v *Visit) seal(asked, secret url.Values) {
	if len(secret) == 0 {
		return
	}
	box := v.box()
	nonce := make([]byte, box.NonceSize())
	rand.Read(nonce) // never fails
	asked.Set(sealedField, base64.RawURLEncoding.EncodeToString(box.Seal(nonce, nonce, []byte(secret.Encode()), nil)))
}

// unsealed opens what seal has closed; empty where it was another session's.
func (v *Visit) unsealed(text string) string {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	box := v.box()
	if err != nil || len(sealed) < box.NonceSize() {
		return ""
	}
	plain, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], nil)
	if err != nil {
		return ""
	}
	return string(plain)
}

// box has a key that is made of the session's token, which only the browser keeps: any
// server can open what another has sealed, and nobody later.
func (v *Visit) box() cipher.AEAD {
	key := sha256.Sum256([]byte("disburse console search\x00" + v.token))
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
