package main

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/dtm-labs/client/dtmcli"
	"github.com/dtm-labs/client/dtmcli/dtmimp"
	"github.com/go-redis/redis/v8"
)

// Longer than the coordinator calls a branch again, or keeps its transaction: a call whose mark has gone is done again.
const marksLive = 7 * 24 * time.Hour

// What an operation undoes, by DTM's names.
var undone = map[string]string{dtmimp.OpCompensate: dtmimp.OpAction, dtmimp.OpCancel: dtmimp.OpTry}

//go:embed change.lua
var changeScript string
var change = redis.NewScript(changeScript)

type couponStore struct {
	client *redis.Client
	prefix string
}

// change does by the barrier what RedisCheckAdjustAmount of DTM's SDK does, with that function's marks. The function itself
// cannot be used for numbers with a limit: it looks at the limit before it looks for the mark, so that the repeat of a call
// which took the last use of a coupon is refused, and the order is rolled back although the coupon is used.
func (s *couponStore) change(ctx context.Context, call *dtmcli.BranchBarrier, code string, by int) error {
	origin, undoes := undone[call.Op]
	if !undoes {
		origin = call.Op
	}
	keys := []string{s.prefix + "coupon:" + code, s.mark(call, call.Op), s.mark(call, origin)}
	told, err := change.Run(ctx, s.client, keys, by, int(marksLive.Seconds()), flag(undoes)).Text()
	if err != nil {
		return err
	}
	if told != "refused" {
		return nil
	}
	if undoes {
		return fmt.Errorf("the coupon %s was used and is no number any more", code)
	}
	return fmt.Errorf("the coupon %s is used, or there is none: %w", code, dtmcli.ErrFailure)
}

// mark is DTM's: one use of the barrier in a call, hence 01.
func (s *couponStore) mark(call *dtmcli.BranchBarrier, op string) string {
	return fmt.Sprintf("%s%s-%s-%s-01", s.prefix, call.Gid, call.BranchID, op)
}

func flag(is bool) string {
	if is {
		return "1"
	}
	return ""
}
