// The far end of a replication: express-pouchdb over LevelDB in a folder. It prints its port.
"use strict";
const express = require("express");
const PouchDB = require("pouchdb").defaults({ prefix: process.argv[2] + "/" });
const app = express();
app.use("/", require("express-pouchdb")(PouchDB, { mode: "minimumForPouchDB", inMemoryConfig: true, logPath: process.argv[2] + "/log.txt" }));
const server = app.listen(0, "127.0.0.1", () => console.log("port " + server.address().port));
