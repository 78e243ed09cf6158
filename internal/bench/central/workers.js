// Runs the server of ODK Central in several processes that share one port, as its own image does under pm2, and on the loopback interface
// alone. It is started in the folder of its sources; the argument is how many processes.
const cluster = require("node:cluster"), net = require("node:net"), path = require("node:path");

if (cluster.isPrimary) {
  cluster.setupPrimary({ stdio: ["ignore", "ignore", "ignore", "ipc"] }); // its log of requests is for nobody
  const count = Number(process.argv[2]);
  let online = 0;
  for (let i = 0; i < count; i++) {
    cluster.fork().on("message", (m) => { if (m === "online" && ++online === count) console.log("ready"); });
  }
  cluster.on("exit", () => process.exit(1));
  process.stdin.on("end", () => process.exit(0)).resume();
} else {
  const { listen } = net.Server.prototype;
  net.Server.prototype.listen = function (port, ...rest) { return listen.call(this, { port, host: "127.0.0.1" }, ...rest); };
  require(path.resolve("lib/bin/run-server.js"));
}
