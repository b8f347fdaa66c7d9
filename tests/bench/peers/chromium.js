// SPDX-License-Identifier: GPL-3.0-or-later
//
// Runs in a page of a browser, after page.js. The benchmark calls prepare(); then expect() on the
// side that receives; offer() and connect() on the one side, answer() on the other;
// waits for `opened`; calls begin() where the file is, and waits for `arrived`.

const SLICE_BYTES = 1 << 20;

let channel, disk;
let haveArrived, haveOpened;
const arrived = new Promise(resolve => { haveArrived = resolve; });
const opened = new Promise(resolve => { haveOpened = resolve; });

// Both sides make the channel under the number 0, as Penstock does.
async function prepare() {
  await makePeer();
  channel = peer.createDataChannel('file', {negotiated: true, id: 0});
  channel.binaryType = 'arraybuffer';
  channel.bufferedAmountLowThreshold = HIGH_MARK / 2;
  channel.onopen = haveOpened;
}

// The receiver

// A worker may write synchronously, which is the quick way.
const WRITER = `
let file;
let left;
onmessage = async ({data}) => {
  if (data.expect !== undefined) {
    const root = await navigator.storage.getDirectory();
    const handle = await root.getFileHandle('arrived', {create: true});
    file = await handle.createSyncAccessHandle();
    left = data.expect;
    postMessage('ready');
  } else if (data === 'release') {
    file.close();
    postMessage('released');
  } else {
    file.write(new Uint8Array(data));
    left -= data.byteLength;
    if (left === 0) {
      file.flush();
      postMessage('done');
    }
  }
};`;

function nextOf(worker) {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({data}) => resolve(data);
    worker.onerror = error => reject(new Error(error.message));
  });
}

async function expect(nBytes) {
  disk = new Worker(URL.createObjectURL(new Blob([WRITER])));
  const ready = nextOf(disk);
  disk.postMessage({expect: nBytes});
  await ready;
  nextOf(disk).then(haveArrived);
  channel.onmessage = ({data}) => disk.postMessage(data, [data]);
}

async function release() {
  const released = nextOf(disk);
  disk.postMessage('release');
  return released;
}

// The sender

async function room() {
  if (channel.bufferedAmount + MESSAGE_BYTES > HIGH_MARK)
    await new Promise(resolve => { channel.onbufferedamountlow = resolve; });
}

async function pump(file) {
  for (let at = 0; at < file.size; at += SLICE_BYTES) {
    const slice = new Uint8Array(await file.slice(at, at + SLICE_BYTES).arrayBuffer());
    for (let i = 0; i < slice.length; i += MESSAGE_BYTES) {
      await room();
      channel.send(slice.subarray(i, i + MESSAGE_BYTES));
    }
  }
}

// Does not wait for the end.
async function begin() {
  pump(input.files[0]);
}
