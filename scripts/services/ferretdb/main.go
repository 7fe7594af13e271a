// The tests' FerretDB: its SQLite backend behind a gate (gate.go).
//
//	tandem-ferretdb --version
//	tandem-ferretdb PORT FOLDER [--without-gate]
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println("FerretDB v1.24.0")
		return
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("use: tandem-ferretdb PORT FOLDER [--without-gate]")
	}
	address, folder := "127.0.0.1:"+args[0], args[1]
	// What a killed process has written stays; only a machine that fails would lose it, and each update is one sync less.
	config := &ferretdb.Config{Handler: "sqlite", SQLiteURL: "file:" + folder + "/?_pragma=synchronous(normal)"}
	isGated := len(args) == 2
	// A socket's path may have about 100 characters, and a killed process leaves its socket behind.
	socket := filepath.Join(folder, "s")
	if isGated {
		if err := os.RemoveAll(socket); err != nil {
			return err
		}
		config.Listener.Unix = socket
	} else {
		config.Listener.TCP = address
	}
	server, err := ferretdb.New(config)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if isGated {
		go func() {
			if err := keepGate(ctx, address, socket); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}()
	}
	return server.Run(ctx)
}
