// SPDX-License-Identifier: GPL-3.0-or-later

// One file through one data channel of Pion's: the benchmark's reference in Go.
//
//	pion send FILE
//	pion receive FILE N-BYTES
//
// Prints JSON lines and reads session descriptions from standard input, one a
// line: "description" is for the other side, "begin" tells of the first byte,
// "done" that the file is on the disk. The first line that the receiver reads is
// the offer.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/pion/webrtc"
)

const (
	messageBytes = 65535 // the longest that its SCTP takes
	highMark     = 1 << 20
	lowMark      = 512 << 10
)

type line struct {
	Type   string `json:"type"`
	Text   string `json:"text,omitempty"`
	Sha256 string `json:"sha256,omitempty"`
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "pion:", err)
		os.Exit(1)
	}
}

func say(what line) {
	check(json.NewEncoder(os.Stdout).Encode(what))
}

func describe(peer *webrtc.PeerConnection, description webrtc.SessionDescription) {
	gathered := webrtc.GatheringCompletePromise(peer)
	check(peer.SetLocalDescription(description))
	<-gathered
	text, err := json.Marshal(peer.LocalDescription())
	check(err)
	say(line{Type: "description", Text: string(text)})
}

func takeDescription(peer *webrtc.PeerConnection, input *bufio.Reader) {
	text, err := input.ReadString('\n')
	check(err)
	var description webrtc.SessionDescription
	check(json.Unmarshal([]byte(text), &description))
	check(peer.SetRemoteDescription(description))
}

func pump(channel *webrtc.DataChannel, room <-chan struct{}, path string) {
	file, err := os.Open(path)
	check(err)
	defer file.Close()

	hash := sha256.New()
	block := make([]byte, messageBytes)
	say(line{Type: "begin"})
	for {
		n, err := io.ReadFull(file, block)
		if n == 0 {
			break
		}
		if err != io.ErrUnexpectedEOF {
			check(err)
		}
		hash.Write(block[:n])
		check(channel.Send(block[:n]))
		for channel.BufferedAmount() > highMark {
			<-room
		}
	}
	say(line{Type: "sent", Sha256: hex.EncodeToString(hash.Sum(nil))})
}

func send(peer *webrtc.PeerConnection, input *bufio.Reader, path string) {
	channel, err := peer.CreateDataChannel("file", nil)
	check(err)

	room := make(chan struct{}, 1)
	channel.SetBufferedAmountLowThreshold(lowMark)
	channel.OnBufferedAmountLow(func() {
		select {
		case room <- struct{}{}:
		default:
		}
	})
	channel.OnOpen(func() { go pump(channel, room, path) })

	offer, err := peer.CreateOffer(nil)
	check(err)
	describe(peer, offer)
	takeDescription(peer, input)
}

type receiver struct {
	file *os.File
	left int64
	done chan struct{}
}

func (r *receiver) keep(messages <-chan []byte) {
	hash := sha256.New()
	for message := range messages {
		hash.Write(message)
		_, err := r.file.Write(message)
		check(err)
		r.left -= int64(len(message))
		if r.left <= 0 {
			break
		}
	}
	check(r.file.Sync())
	say(line{Type: "done", Sha256: hex.EncodeToString(hash.Sum(nil))})
	close(r.done)
}

func receive(peer *webrtc.PeerConnection, input *bufio.Reader, path string, nBytes int64) {
	file, err := os.Create(path)
	check(err)
	taken := receiver{file, nBytes, make(chan struct{})}
	messages := make(chan []byte, 64)
	go taken.keep(messages)

	peer.OnDataChannel(func(channel *webrtc.DataChannel) {
		channel.OnMessage(func(message webrtc.DataChannelMessage) { messages <- message.Data })
	})
	takeDescription(peer, input)
	answer, err := peer.CreateAnswer(nil)
	check(err)
	describe(peer, answer)
	<-taken.done
}

func main() {
	peer, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	check(err)
	input := bufio.NewReaderSize(os.Stdin, 1<<16)

	if len(os.Args) == 3 && os.Args[1] == "send" {
		send(peer, input, os.Args[2])
	} else if len(os.Args) == 4 && os.Args[1] == "receive" {
		nBytes, err := strconv.ParseInt(os.Args[3], 10, 64)
		check(err)
		receive(peer, input, os.Args[2], nBytes)
	} else {
		fmt.Fprintln(os.Stderr, "Usage: pion send FILE | receive FILE N-BYTES")
		os.Exit(2)
	}

	_, _ = input.ReadString('\n') // until the benchmark ends it
	_ = peer.Close()
}
