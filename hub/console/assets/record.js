// Runs in the browser's audio thread: hands on what the microphone gives.
registerProcessor("ark-record", class extends AudioWorkletProcessor {
  process(inputs) {
    const channel = inputs[0][0];
    if (channel) this.port.postMessage(channel.slice());
    return true;
  }
});
