// The coupon service of the order system, with DTM's Go SDK. CONTRACT.md says what it serves.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/go-redis/redis/v8"
)

func main() {
	options, err := redis.ParseURL(os.Getenv("REDIS_URL"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "REDIS_URL:", err)
		os.Exit(2)
	}
	// Shorter than the coordinator waits for a branch. What go-redis sends again after a lost answer, the barrier recognises.
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = time.Second, 2*time.Second, 2*time.Second
	coupons := &couponStore{client: redis.NewClient(options), prefix: os.Getenv("COUPON_PREFIX")}

	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		fmt.Fprintln(os.Stderr, "PORT:", err)
		os.Exit(2)
	}
	go endWithParent()
	fmt.Printf("{\"port\":%d}\n", listener.Addr().(*net.TCPAddr).Port)
	fmt.Fprintln(os.Stderr, http.Serve(listener, branches(coupons)))
	os.Exit(1)
}

// Whoever started this process holds its standard input; when that closes, however the parent ended, it ends too.
func endWithParent() {
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}
