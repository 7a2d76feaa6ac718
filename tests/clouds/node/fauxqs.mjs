// fauxqs on loopback: its own command binds every interface.
// usage: node fauxqs.mjs PORT, in the folder where npm installed it
import { pathToFileURL } from "node:url";
const { buildApp } = await import(
  pathToFileURL(`${process.cwd()}/node_modules/fauxqs/dist/app.js`)
);
const app = buildApp({ logger: false, defaultRegion: "us-east-1" });
await app.listen({ port: Number(process.argv[2]), host: "127.0.0.1" });
