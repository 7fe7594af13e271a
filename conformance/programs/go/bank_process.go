package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/dtm-labs/client/dtmcli"
	"github.com/go-resty/resty/v2"
)

// A bank beside those of other languages: the same paths as theirs, on PostgreSQL.

type bankBranch struct {
	Bank string `json:"bank"`
	transfer
}

type beginning struct {
	Gid      string
	Branches []bankBranch
}

func runBankProcess(to addresses, listen string) {
	bank := &languageBank{
		lab:    &lab{to: to, calls: map[string]int{}},
		engine: openSQL("postgres", "postgres", to.Postgres),
	}
	must(http.ListenAndServe(listen, http.HandlerFunc(bank.serve)))
}

type languageBank struct {
	lab    *lab
	engine *sqlEngine
}

func (b *languageBank) serve(w http.ResponseWriter, r *http.Request) {
	reply, err := b.answer(r.URL.Path[1:], r.URL.Query(), json.NewDecoder(r.Body))
	var result interface{} = reply
	if err != nil {
		result = err
	}
	status, content := dtmcli.Result2HttpJSON(result)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(content)
}

func (b *languageBank) answer(path string, query url.Values, body *json.Decoder) (interface{}, error) {
	switch {
	case path == "open":
		var account struct {
			Account string
			Balance int
		}
		err := body.Decode(&account)
		b.engine.open(account.Account, account.Balance)
		return map[string]bool{}, err
	case path == "balance":
		balance, frozen := b.engine.state(query.Get("account"))
		return map[string]int{"balance": balance, "frozen": frozen}, nil
	case strings.HasPrefix(path, "begin-"):
		var what beginning
		if err := body.Decode(&what); err != nil {
			return nil, err
		}
		return map[string]bool{"began": true}, b.begin(path, what)
	}
	barrier, err := dtmcli.BarrierFromQuery(query)
	if err != nil {
		return nil, err
	}
	c := call{engine: b.engine, barrier: barrier, query: query}
	if err := body.Decode(&c.transfer); err != nil {
		return nil, err
	}
	return map[string]string{"dtm_result": "SUCCESS"}, b.lab.run(path, c)
}

func (b *languageBank) begin(path string, what beginning) error {
	if path == "begin-saga" {
		saga := dtmcli.NewSaga(b.lab.to.HTTP, what.Gid)
		for _, one := range what.Branches {
			saga.Add(one.Bank+"/adjust", one.Bank+"/undo", one)
		}
		return saga.Submit()
	}
	return dtmcli.TccGlobalTransaction(b.lab.to.HTTP, what.Gid, func(tcc *dtmcli.Tcc) (*resty.Response, error) {
		for _, one := range what.Branches {
			if response, err := tcc.CallBranch(one, one.Bank+"/try", one.Bank+"/confirm", one.Bank+"/cancel"); err != nil {
				return response, err
			}
		}
		return nil, nil
	})
}
