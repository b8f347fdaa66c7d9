// SPDX-License-Identifier: GPL-3.0-or-later
//
// One file through one data channel of libdatachannel's, by its binding to Node:
// the benchmark's reference in C++.
//
//   libdatachannel.mjs send FILE [BUFFER-BYTES]
//   libdatachannel.mjs receive FILE N-BYTES [BUFFER-BYTES]
//
// Prints JSON lines and reads the other side's description from standard input:
// "description", "begin" (the first byte), "sent", "done" (on the disk).
// BUFFER-BYTES replaces its SCTP buffers' usual sizes.

import {createHash} from 'node:crypto';
import fs from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import readline from 'node:readline';

const MESSAGE_BYTES = 65536;
const HIGH_MARK = 1 << 20;

// The folder where npm put it.
const require = createRequire(path.join(process.env.PST_BENCH_MODULES, 'index.js'));
const rtc = require('node-datachannel');

const lines = readline.createInterface({input: process.stdin})[Symbol.asyncIterator]();
const hash = createHash('sha256');

// What nothing refers to any more is collected, with its connection.
const kept = [];

function say(what) {
  fs.writeSync(1, JSON.stringify(what) + '\n');
}

async function takeDescription(peer) {
  const {sdp, type} = JSON.parse((await lines.next()).value);
  peer.setRemoteDescription(sdp, type);
}

function makePeer(bufferBytes) {
  if (bufferBytes > 0)
    rtc.setSctpSettings({recvBufferSize: bufferBytes, sendBufferSize: bufferBytes});
  const peer = new rtc.PeerConnection('bench', {iceServers: []});
  kept.push(peer);
  peer.onGatheringStateChange(state => {
    if (state === 'complete')
      say({type: 'description', text: JSON.stringify(peer.localDescription())});
  });
  return peer;
}

async function pump(channel, file) {
  let haveRoom = () => {};
  channel.setBufferedAmountLowThreshold(HIGH_MARK / 2);
  channel.onBufferedAmountLow(() => haveRoom());

  say({type: 'begin'});
  const block = Buffer.alloc(MESSAGE_BYTES);
  for (let n; (n = fs.readSync(file, block)) > 0;) {
    hash.update(block.subarray(0, n));
    const low = new Promise(resolve => { haveRoom = resolve; });
    channel.sendMessageBinary(block.subarray(0, n));
    if (channel.bufferedAmount() > HIGH_MARK)
      await low;
  }
  say({type: 'sent', sha256: hash.digest('hex')});
}

async function send(name, bufferBytes) {
  const peer = makePeer(bufferBytes);
  const channel = peer.createDataChannel('file');
  kept.push(channel);
  channel.onOpen(() => pump(channel, fs.openSync(name, 'r')));
  await takeDescription(peer);
}

async function receive(name, nBytes, bufferBytes) {
  const peer = makePeer(bufferBytes);
  const file = fs.openSync(name, 'wx');
  let left = nBytes;
  const keep = message => {
    fs.writeSync(file, message);
    hash.update(message);
    left -= message.length;
    if (left === 0) {
      fs.fsyncSync(file);
      say({type: 'done', sha256: hash.digest('hex')});
    }
  };
  peer.onDataChannel(channel => {
    kept.push(channel);
    channel.onMessage(keep);
  });
  await takeDescription(peer);
}

const [role, name, ...sizes] = process.argv.slice(2);
if (role === 'send')
  await send(name, Number(sizes[0] ?? 0));
else
  await receive(name, Number(sizes[0]), Number(sizes[1] ?? 0));
await lines.next(); // until the benchmark ends it
