package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"github.com/dtm-labs/client/dtmcli"
	"github.com/dtm-labs/client/dtmcli/dtmimp"
)

// A branch is one operation of a transaction, and how often the coupon may be used more, or less, after it.
type branch struct {
	op     string
	change int
}

var branchAt = map[string]branch{
	"/use":     {dtmimp.OpAction, -1},
	"/return":  {dtmimp.OpCompensate, +1},
	"/hold":    {dtmimp.OpTry, -1},
	"/confirm": {dtmimp.OpConfirm, 0}, // what is held is gone already
	"/cancel":  {dtmimp.OpCancel, +1},
}

type order struct {
	Order string `json:"order"`
	Code  string `json:"code"`
}

func branches(coupons *couponStore) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	for path, served := range branchAt {
		served := served
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { answer(w, served.do(r.Context(), coupons, r)) })
	}
	return mux
}

func (b branch) do(ctx context.Context, coupons *couponStore, r *http.Request) error {
	call, err := dtmcli.BarrierFromQuery(r.URL.Query())
	if err != nil {
		return err
	}
	if call.Op != b.op {
		return fmt.Errorf("%s is a branch's %s, and was called as its %s", r.URL.Path, b.op, call.Op)
	}
	var payload order
	if err := json.NewDecoder(r.Body).Decode(&payload); err != nil {
		return fmt.Errorf("the payload: %w", err)
	}
	if payload.Code == "" {
		return fmt.Errorf("the payload has no code")
	}
	if b.change == 0 {
		return nil
	}
	return coupons.change(ctx, call, payload.Code, b.change)
}

// answer says by the SDK what a result means: 200, 409 for dtmcli.ErrFailure, 425 for dtmcli.ErrOngoing, 500 for the rest.
func answer(w http.ResponseWriter, err error) {
	var result interface{}
	if err != nil {
		result = err
	}
	status, body := dtmcli.Result2HttpJSON(result)
	if status == http.StatusInternalServerError {
		fmt.Fprintln(os.Stderr, "coupon:", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
