// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the pages of tests and of the benchmark have in common: a file that is chosen
// from outside, and a connection whose descriptions hold all candidates.

const MESSAGE_BYTES = 65536;
const HIGH_MARK = 1 << 20;

const input = document.createElement('input');
input.type = 'file';

let peer;

// With the right to a microphone a page may use all addresses; without it, only
// that of the default route, which is not here.
async function makePeer() {
  const stream = await navigator.mediaDevices.getUserMedia({audio: true});
  peer = new RTCPeerConnection();
  window.stopMicrophone = () => stream.getTracks().forEach(track => track.stop());
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
