// SPDX-License-Identifier: GPL-3.0-or-later
//
// Runs in a page of a browser. The benchmark calls prepare(); then expect() on the
// side that receives; offer() and connect() on the one side, answer() on the other;
// waits for `opened`; calls begin() where the file is, and waits for `arrived`.

const MESSAGE_BYTES = 65536;
const SLICE_BYTES = 1 << 20;
const HIGH_MARK = 1 << 20;

const input = document.createElement('input');
input.type = 'file';

let peer, channel, disk;
let haveArrived, haveOpened;
const arrived = new Promise(resolve => { haveArrived = resolve; });
const opened = new Promise(resolve => { haveOpened = resolve; });

// With the right to a microphone a page may use all addresses; without it, only
// that of the default route, which is not here. Both sides make the channel under
// the number 0, as Penstock does.
async function prepare() {
  const stream = await navigator.mediaDevices.getUserMedia({audio: true});
  peer = new RTCPeerConnection();
  window.stopMicrophone = () => stream.getTracks().forEach(track => track.stop());
  channel = peer.createDataChannel('file', {negotiated: true, id: 0});
  channel.binaryType = 'arraybuffer';
  channel.bufferedAmountLowThreshold = HIGH_MARK / 2;
  channel.onopen = haveOpened;
}

async function described() {
  if (peer.iceGatheringState !== 'complete')
    await new Promise(resolve => {
      peer.onicegatheringstatechange = () => {
        if (peer.iceGatheringState === 'complete')
          resolve();
      };
    });
  window.stopMicrophone();
  return JSON.stringify(peer.localDescription);
}

async function offer() {
  await peer.setLocalDescription(await peer.createOffer());
  return described();
}

async function answer(offer) {
  await peer.setRemoteDescription(offer);
  await peer.setLocalDescription(await peer.createAnswer());
  return described();
}

async function connect(answer) {
  await peer.setRemoteDescription(answer);
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
