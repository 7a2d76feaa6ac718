// local-aws-sqs on loopback, with the delays that SQS documents: a queue can be used a second after it
// was made, and a deleted one's name is free after a minute.
// usage: node lazy_sqs.mjs PORT, in the folder where npm installed it
import { createRequire } from "node:module";
const { createSqsServer } = createRequire(`${process.cwd()}/`)("local-aws-sqs");
await createSqsServer({
  port: Number(process.argv[2]),
  hostname: "127.0.0.1",
  emulateLazyQueues: true,
  emulateQueueCreationLifecycle: true,
});
