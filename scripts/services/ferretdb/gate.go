package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// FerretDB 1 reads the document that an update's filter finds, and then writes what it made of it: two updates of one
// version both succeed. MongoDB changes a document atomically. The gate lets one writing command through at a time, so
// that updates that meet do what they do on MongoDB. Nothing else is changed.

const (
	headerBytes     = 16
	messageBytesMax = 64 << 20
	opMsg           = 2013
	moreToCome      = 1 << 1
	// After the header: flags, the kind of the first section, the document's length, the type of its first field.
	nameOffset = 4 + 1 + 4 + 1
)

var writing = map[string]bool{"insert": true, "update": true, "delete": true, "findAndModify": true}

// keepGate listens once the server behind the socket does, and serves connections until ctx ends.
func keepGate(ctx context.Context, address, socket string) error {
	for {
		server, err := net.Dial("unix", socket)
		if err == nil {
			server.Close()
			break
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(10 * time.Millisecond):
		}
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { listener.Close() })
	var turn sync.Mutex
	for {
		client, err := listener.Accept()
		if err != nil {
			return nil
		}
		go serve(client, socket, &turn)
	}
}

func serve(client net.Conn, socket string, turn *sync.Mutex) {
	defer client.Close()
	server, err := net.Dial("unix", socket)
	if err != nil {
		return
	}
	defer server.Close()
	for {
		request, err := readMessage(client)
		if err != nil {
			return
		}
		reply, err := exchange(server, request, turn)
		if err != nil {
			return
		}
		if _, err := client.Write(reply); err != nil {
			return
		}
	}
}

func exchange(server net.Conn, request []byte, turn *sync.Mutex) ([]byte, error) {
	name, hasReply := describe(request)
	if writing[name] {
		turn.Lock()
		defer turn.Unlock()
	}
	if _, err := server.Write(request); err != nil || !hasReply {
		return nil, err
	}
	return readMessage(server)
}

// describe tells the command of a message, and whether its sender waits for a reply.
func describe(message []byte) (name string, hasReply bool) {
	body := message[headerBytes:]
	if binary.LittleEndian.Uint32(message[12:]) != opMsg || len(body) <= nameOffset {
		return "", true
	}
	end := bytes.IndexByte(body[nameOffset:], 0)
	return string(body[nameOffset : nameOffset+max(end, 0)]), body[0]&moreToCome == 0
}

func readMessage(from io.Reader) ([]byte, error) {
	header := make([]byte, headerBytes)
	if _, err := io.ReadFull(from, header); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint32(header)
	if length < headerBytes || length > messageBytesMax {
		return nil, fmt.Errorf("a message of %d bytes", length)
	}
	message := make([]byte, length)
	copy(message, header)
	_, err := io.ReadFull(from, message[headerBytes:])
	return message, err
}
