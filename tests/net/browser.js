// SPDX-License-Identifier: GPL-3.0-or-later
//
// Runs in the page of a browser, after page.js, that talks with tests/link/channel-peer;
// browser.py says what is when.

const complaints = [];
const channels = {};
const waiting = {}; // by label: who waits for the channel

function take(channel) {
  channel.binaryType = 'arraybuffer';
  channel.opened = new Promise(resolve => { channel.onopen = resolve; });
  channel.closed = new Promise(resolve => { channel.onclose = resolve; });
  channel.onerror = ({error}) => complaints.push(`${channel.label}: ${error.message}`);
  channels[channel.label] = channel;
  waiting[channel.label]?.();
  return channel;
}

async function prepare() {
  await makePeer();
  take(peer.createDataChannel('penstock', {negotiated: true, id: 0}));
  peer.ondatachannel = ({channel}) => take(channel);
}

// Files

async function send(label) {
  const channel = channels[label];
  const bytes = new Uint8Array(await input.files[0].arrayBuffer());
  channel.bufferedAmountLowThreshold = HIGH_MARK / 2;
  for (let at = 0; at < bytes.length; at += MESSAGE_BYTES) {
    if (channel.bufferedAmount + MESSAGE_BYTES > HIGH_MARK)
      await new Promise(resolve => { channel.onbufferedamountlow = resolve; });
    channel.send(bytes.subarray(at, at + MESSAGE_BYTES));
  }
}

// The digest of the next bytes that come, in hexadecimal; `digest` has it later.
let digest;

function expect(label, nBytes) {
  const bytes = new Uint8Array(nBytes);
  let at = 0;
  digest = new Promise(resolve => {
    channels[label].onmessage = ({data}) => {
      bytes.set(new Uint8Array(data), at);
      at += data.byteLength;
      if (at === nBytes)
        resolve(crypto.subtle.digest('SHA-256', bytes));
    };
  }).then(buffer => [...new Uint8Array(buffer)].map(byte => byte.toString(16).padStart(2, '0')).join(''));
}

// Channels that one side announces, and the other side's answers in them

async function announce(label, ordered) {
  await take(peer.createDataChannel(label, {ordered})).opened;
}

async function announced(label) {
  if (channels[label] === undefined)
    await new Promise(resolve => { waiting[label] = resolve; });
  if (channels[label].readyState !== 'open')
    await channels[label].opened;
}

// Sends messages of these sizes at once; each comes back as it was. Where order is
// not promised, they may come in any.
async function talk(label, sizes) {
  const channel = channels[label];
  const missing = sizes.map((size, i) => new Uint8Array(size).map((_, j) => i + j));
  const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
  const all = new Promise((resolve, reject) => {
    channel.onmessage = ({data}) => {
      const found = missing.findIndex(message => same(message, new Uint8Array(data)));
      if (found < 0 || (channel.ordered && found > 0))
        reject(new Error(`${data.byteLength} bytes came back that were not sent, or not now`));
      missing.splice(found, 1);
      if (missing.length === 0)
        resolve();
    };
  });
  for (const message of [...missing])
    channel.send(message);
  await all;
}

async function close(label) {
  channels[label].close();
  await channels[label].closed;
}
