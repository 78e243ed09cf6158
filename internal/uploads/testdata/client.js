// What a page does with tus-js-client; the test calls these and waits for "said".
"use strict";

let said = "";

function content(size) {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = (i * 7 + (i >> 8)) & 255;
  return new Blob([bytes]);
}

function upload(size, sha256, more) {
  said = "";
  const u = new tus.Upload(content(size), {
    endpoint: "/files", headers: { Owner: "page" }, metadata: { sha256, type: "image/jpeg", filename: "照片.jpg" },
    chunkSize: 200000, retryDelays: [0, 20, 50, 100, 200, 400], storeFingerprintForResuming: false,
    onError: (e) => { said = "error " + (e.originalResponse ? e.originalResponse.getStatus() : e.message); },
    onSuccess: () => { said = "done"; },
    ...more,
  });
  u.start();
  return u;
}

// giveUp sends one piece and then forgets the upload, on the server too.
function giveUp(size, sha256) {
  const u = upload(size, sha256, { onChunkComplete: () => {
    u.abort(true).then(() => { said = "given up"; }, (e) => { said = "error " + e.message; });
  } });
}
