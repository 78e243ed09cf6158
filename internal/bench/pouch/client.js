// The near end: a PouchDB over LevelDB in a folder, filled with the visits of a file, one JSON object a line. It replicates to each
// address that comes in as a line, and prints how many documents were written and how many nanoseconds it took.
"use strict";
const fs = require("fs"), readline = require("readline");
const PouchDB = require("pouchdb").defaults({ prefix: process.argv[2] + "/" });

(async () => {
  const db = new PouchDB("visits");
  const docs = fs.readFileSync(process.argv[3], "utf8").trim().split("\n").map((line) => {
    const { id, ...rest } = JSON.parse(line);
    return { _id: id, ...rest };
  });
  for (let i = 0; i < docs.length; i += 1000) await db.bulkDocs(docs.slice(i, i + 1000));
  console.log("ready");
  for await (const url of readline.createInterface({ input: process.stdin })) {
    const began = process.hrtime.bigint();
    const told = await db.replicate.to(url, { batch_size: 100 });
    console.log(`done ${told.docs_written} ${process.hrtime.bigint() - began}`);
  }
})();
